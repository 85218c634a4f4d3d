"""A value is worked out once an object, and never waits for another object's."""

from __future__ import annotations

import threading

import pytest

from dashboard.hub.once import Once


def test_the_value_is_made_once_however_many_ask():
    once, made = Once(), []
    assert [once.get(lambda: made.append(1) or len(made)) for _ in range(3)] == [1, 1, 1]


def test_who_asks_one_object_does_not_wait_for_another():
    slow, quick, go_on = Once(), Once(), threading.Event()
    thread = threading.Thread(target=lambda: slow.get(go_on.wait))
    thread.start()
    try:
        assert quick.get(lambda: 7) == 7
        assert thread.is_alive()
    finally:
        go_on.set()
        thread.join()


def test_what_failed_is_tried_again():
    once = Once()
    with pytest.raises(ZeroDivisionError):
        once.get(lambda: 1 // 0)
    assert once.get(lambda: 3) == 3
