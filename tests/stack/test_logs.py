"""A log is followed where it goes on, and nothing of it comes twice."""

from contextlib import contextmanager

from stack.logs import grown


@contextmanager
def followed(path):
    """Follow a log that is read so far."""
    with path.open("rb") as file:
        file.read()
        yield grown(path, file)


def test_what_is_written_comes_once_also_in_the_middle_of_a_sign(tmp_path):
    path = tmp_path / "x.log"
    path.write_bytes("旧\n".encode())
    with followed(path) as following, path.open("ab", buffering=0) as writer:
        writer.write("新".encode()[:2])
        assert next(following) == ""
        writer.write("新".encode()[2:])
        assert next(following) == "新"
        assert next(following) == ""


def test_log_that_turns_over_is_followed_into_the_new_one(tmp_path):
    path = tmp_path / "x.log"
    path.write_text("old 1\n")
    with followed(path) as following:
        with path.open("a") as writer:
            writer.write("old 2\n")
        path.rename(tmp_path / "x.log.1")
        assert next(following) == "old 2\n"  # and no new one yet
        path.write_text("new, and longer than the old one was\n")
        assert [next(following), next(following)] == ["", "new, and longer than the old one was\n"]
        assert next(following) == ""


def test_log_that_was_cut_off_is_read_from_its_begin(tmp_path):
    path = tmp_path / "x.log"
    path.write_text("a long line\n")
    with followed(path) as following:
        path.write_text("new\n")
        assert [next(following), next(following)] == ["", "new\n"]
