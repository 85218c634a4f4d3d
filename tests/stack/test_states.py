"""Which states of a job lie on the disk, which can be restored, and what may be deleted."""

import os
import struct

import pytest

from stack import records as jobs_json
from stack import states, up
from stack.keeping import JobRecord
from stack.layout import Layout


def complete(folder, seconds):
    folder.mkdir(parents=True)
    (folder / "_metadata").write_text("")
    os.utime(folder / "_metadata", (seconds, seconds))
    return str(folder / "_metadata")


def test_newest_checkpoint_is_the_highest_complete_one(layout):
    for number in (9, 10):
        last = complete(layout.checkpoints / "abc" / f"chk-{number}", seconds=number)
    (layout.checkpoints / "abc" / "chk-11").mkdir()
    assert states.newest(layout, JobRecord(job_id="abc")) == (last, 10_000)


def test_job_without_a_complete_checkpoint_has_no_state(layout):
    (layout.checkpoints / "abc" / "shared").mkdir(parents=True)
    assert states.newest(layout, JobRecord(job_id="abc")) is None


def test_job_that_died_before_its_first_checkpoint_keeps_what_it_was_restored_from(layout):
    old = complete(layout.checkpoints / "old" / "chk-3", seconds=5)
    assert states.newest(layout, JobRecord(job_id="new", checkpoint=old)) == (old, 5_000)


def test_job_stopped_with_a_savepoint_continues_from_it(layout):
    gone = str(layout.checkpoints / "abcdef99" / "chk-3" / "_metadata")
    saved = complete(layout.savepoints / "savepoint-abcdef-0123", seconds=7)
    complete(layout.savepoints / "savepoint-other1-0123", seconds=9)
    record = JobRecord(job_id="abcdef99", checkpoint=gone)
    assert states.newest(layout, record) == (saved, 7_000)


def test_folder_a_job_was_restored_from_is_kept_until_it_has_one_of_its_own(tmp_path):
    for job in ("old", "new", "dead"):
        (tmp_path / job).mkdir()
    restored = JobRecord(job_id="new", checkpoint=str(tmp_path / "old/chk-3/_metadata"))
    assert states.dead_folders(tmp_path, {"counts": restored}) == [tmp_path / "dead"]
    grown = JobRecord(job_id="new", checkpoint=str(tmp_path / "new/chk-1/_metadata"))
    assert set(states.dead_folders(tmp_path, {"counts": grown})) == {
        tmp_path / "dead", tmp_path / "old",
    }  # fmt: skip


def test_older_checkpoints_follow_where_the_newest_is_set_aside(layout):
    for number in (9, 10):
        complete(layout.checkpoints / "abc" / f"chk-{number}", seconds=number)
    record = states.refreshed(layout, JobRecord(job_id="abc"))
    for _ in (10, 9):
        states.set_aside(states.here(layout, record.checkpoint))
        last, record = record, states.refreshed(layout, record)
    assert (last.checkpoint_ms, last.checkpoint[-15:]) == (9_000, "chk-9/_metadata")
    assert (record.checkpoint, record.checkpoint_ms) == (None, 9_000)
    assert states.refreshed(layout, record) == record


def test_states_of_the_job_before_follow_too(layout):
    for number in (2, 3):
        path = complete(layout.checkpoints / "old" / f"chk-{number}", seconds=number)
    states.set_aside(layout.checkpoints / "old/chk-3/_metadata")
    record = states.refreshed(layout, JobRecord(job_id="new", checkpoint=path, tries=2))
    assert "chk-2" in record.checkpoint
    assert record.tries == 0


def test_states_deleted_while_stopped_are_no_reason_to_read_less_than_the_whole_log(layout):
    gone = str(layout.checkpoints / "abc/chk-3/_metadata")
    record = states.refreshed(layout, JobRecord(job_id="abc", checkpoint=gone, checkpoint_ms=7))
    assert (record.checkpoint, record.checkpoint_ms) == (None, 0)


def test_state_is_as_old_as_it_was_when_it_was_written_though_a_copy_looks_fresh(layout):
    path = complete(layout.checkpoints / "abc" / "chk-3", seconds=5)
    assert states.refreshed(layout, JobRecord(job_id="abc")).checkpoint_ms == 5_000
    os.utime(path, (9_000, 9_000))
    moved = path.replace(str(layout.root), "/elsewhere")
    for known in (path, moved):
        record = JobRecord(job_id="abc", checkpoint=known, checkpoint_ms=5_000)
        assert states.refreshed(layout, record).checkpoint == path
        assert states.refreshed(layout, record).checkpoint_ms == 5_000


def test_states_of_another_folder_are_not_touched_by_its_copy(layout, tmp_path_factory):
    original = Layout(tmp_path_factory.mktemp("original"))
    path = complete(original.checkpoints / "abc" / "chk-3", seconds=5)
    assert states.newest(layout, JobRecord(job_id="abc", checkpoint=path)) is None


def test_a_stop_notes_the_checkpoints_completed_since_the_keeper_ended(layout):
    jobs_json.save({"counts": JobRecord(job_id="abc")}, layout.jobs_file)
    path = complete(layout.checkpoints / "abc" / "chk-3", seconds=5)
    up.note_states(layout)
    noted = jobs_json.load(layout.jobs_file)["counts"]
    assert (noted.checkpoint, noted.checkpoint_ms) == (path, 5_000)


def handle(path, size):
    """Write a file's name as Flink's serializer does."""
    name = f"file:{path}".encode()
    return b"\x02" + struct.pack(">qH", size, len(name)) + name


def inline(path, data):
    """Write a state that lies in the metadata; its name is that of no file."""
    name = f"file:{path}".encode()
    return b"\x01" + struct.pack(">H", len(name)) + name + struct.pack(">i", len(data)) + data


@pytest.fixture
def whole(layout):
    """Give the metadata of a checkpoint that names two files, both there."""
    folder = layout.checkpoints / "abc"
    (folder / "shared").mkdir(parents=True)
    (folder / "chk-3").mkdir()
    metadata, files = folder / "chk-3/_metadata", (folder / "shared/a", folder / "chk-3/b")
    for number, file in enumerate(files, start=1):
        file.write_bytes(b"x" * 600 * number)
    metadata.write_bytes(
        b"\x49\x60\x67\x2d" + inline(folder / "chk-3/none", b"\x02" * 30)
        + handle(files[0], 600) + b"\x00" * 8 + handle(files[1], 1200) + inline("/old/x", b"")
    )  # fmt: skip
    return metadata


def test_state_whose_files_are_there_can_be_restored(layout, whole):
    assert states.fault(whole, layout.checkpoints) == ""
    assert [size for _, size in states.files_of(whole.read_bytes())] == [600, 1200]


@pytest.mark.parametrize(
    ("lost", "left", "said"),
    [("chk-3/_metadata", b"", "empty"), ("shared/a", b"", "lost its end"),
     ("shared/a", b"x" * 599, "lost its end"), ("chk-3/b", None, "is gone")],
)  # fmt: skip
def test_power_cut_that_emptied_a_file_is_seen(layout, whole, lost, left, said):
    file = whole.parent.parent / lost
    if left is None:
        file.unlink()
    else:
        file.write_bytes(left)
    assert said in states.fault(whole, layout.checkpoints)


@pytest.mark.parametrize("left_there", [True, False])
def test_state_in_a_folder_that_was_moved_or_copied_is_not_its_own(layout, tmp_path, left_there):
    old = tmp_path / "old/flink/checkpoints/abc"
    chk = layout.checkpoints / "abc/chk-3"
    chk.mkdir(parents=True)
    (chk / "_metadata").write_bytes(handle(old / "shared/a", 1))
    if left_there:
        (old / "shared").mkdir(parents=True)
        (old / "shared/a").write_bytes(b"x")
    assert f"belong to {old.parent}" in states.fault(chk / "_metadata", layout.checkpoints)


def test_the_same_folder_by_another_path_is_its_own(layout, whole, tmp_path):
    (tmp_path / "link").symlink_to(layout.root)
    linked = Layout(tmp_path / "link")
    assert states.fault(linked.checkpoints / "abc/chk-3/_metadata", linked.checkpoints) == ""
