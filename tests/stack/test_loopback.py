"""The class that opens doors for Python workers is changed in one call and nowhere else."""

import struct
import zipfile

import pytest

from stack import flink, loopback
from stack.errors import StackError


@pytest.fixture(scope="module")
def original():
    with zipfile.ZipFile(flink.python_jar()) as archive:
        return archive.read(loopback.CLASS)


def test_class_still_reads_as_one_and_has_four_constants_more(original):
    before, end_before = loopback.constants(original)
    after, end_after = loopback.constants(loopback.patched(original))
    assert max(after) == max(before) + 4
    assert all(after[number] == before[number] for number in before)
    code_before, code_after = (
        len(original) - end_before,
        len(loopback.patched(original)) - end_after,
    )
    assert code_before == code_after


def test_only_the_six_bytes_of_the_call_change_in_the_code(original):
    _, end_before = loopback.constants(original)
    changed = loopback.patched(original)
    _, end_after = loopback.constants(changed)
    pairs = zip(original[end_before:], changed[end_after:], strict=True)
    where = [at for at, (old, new) in enumerate(pairs) if old != new]
    assert len(where) <= 6
    assert max(where) - min(where) < 6


def test_new_constant_is_the_call_by_address(original):
    pool, _ = loopback.constants(loopback.patched(original))
    number = loopback.method(pool, b"forAddress", loopback.BUILDER)
    owner, name_and_type = pool[number].parts
    descriptor = pool[pool[name_and_type].parts[1]].text
    assert descriptor.startswith(b"(Ljava/net/SocketAddress;)L")
    assert pool[owner].parts == pool[pool[number].parts[0]].parts


def test_other_version_of_the_class_is_refused(original):
    with pytest.raises(StackError, match=r"stack/loopback\.py"):
        loopback.patched(original.replace(b"forPort", b"forGate"))


def test_call_that_is_not_there_is_refused(original):
    pool, _ = loopback.constants(original)
    call = loopback.INVOKE_STATIC + struct.pack(
        ">H", loopback.method(pool, b"forPort", loopback.BUILDER)
    )
    with pytest.raises(StackError, match="in another way"):
        loopback.patched(original.replace(call, b"\x00\x00\x00"))
