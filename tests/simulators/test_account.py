"""The account of what was sent: what is in doubt is what was sent last."""

from simulators.sender import Account


def account(under_way: int) -> Account:
    made = Account()
    for topic, number in (("checkins", 100), ("cases", 5), ("checkins", 50)):
        made.handed_over(topic, number)
    made.under_way = under_way
    return made


def test_with_nothing_under_way_all_is_acknowledged():
    assert account(0).acknowledged == {"cases": 5, "checkins": 150}


def test_what_is_under_way_is_taken_from_what_was_sent_last():
    assert account(30).acknowledged == {"cases": 5, "checkins": 120}
    assert account(152).acknowledged == {"cases": 3, "checkins": 0}


def test_the_account_says_both():
    assert account(30).words() == ("5 of 5 cases acknowledged, 120 of 150 checkins acknowledged")
