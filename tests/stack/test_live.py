"""The live line tells what is read and which process is in trouble."""

from stack.live import described

ROOM = 10 * 2**30


def process(name, state, exitstatus=0):
    return {"name": name, "statename": state, "exitstatus": exitstatus}


def test_line_counts_what_runs_and_leaves_out_what_was_never_started():
    said = described(
        [process("broker", "RUNNING"), process("city-stream", "STOPPED")],
        {"read": 1200, "rejected": 3, "late": 0, "lag": 7, "freshness_s": 0.81},
        ROOM,
    )
    assert said == "1,200 read · 3 rejected · 0 late · 7 waiting · 0.8 s old · 1 processes run"


def test_process_in_trouble_is_named():
    said = described([process("broker", "BACKOFF"), process("war-room", "RUNNING")], None, ROOM)
    assert "the war room does not answer" in said
    assert "broker backoff" in said


def test_what_is_not_known_is_not_told_as_nothing():
    said = described([], {"read": 0, "rejected": 0, "late": 0, "lag": None}, ROOM)
    assert said.startswith("0 read · 0 rejected · 0 late · ? waiting · of unknown age")


def test_stream_that_came_to_its_end_is_no_trouble_but_one_that_failed_is():
    assert described([process("city-stream", "EXITED")], None, ROOM).endswith("0 processes run")
    assert "city-stream exited" in described([process("city-stream", "EXITED", 1)], None, ROOM)


def test_disk_that_is_nearly_full_is_named():
    assert "1.5 GiB left on the disk" in described([process("broker", "RUNNING")], None, 3 * 2**29)
