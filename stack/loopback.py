"""Keeps the doors that Flink opens for its Python workers on the loopback address.

Beam, which Flink brings along for them, chooses the loopback address, tells the workers so, and
then listens on every interface: it hands only the port on. The doors are open to whoever
reaches the machine, and there is no setting for it. So the one class that does it is laid, with
the one call changed, in front of the jar on the TaskManager's class path:

    NettyServerBuilder.forPort(address.getPort())  -->  NettyServerBuilder.forAddress(address)

To be dropped when Beam hands the address on (`ServerFactory.createServer`).
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError

CLASS = "org/apache/beam/sdk/fn/server/ServerFactory$InetSocketAddressServerFactory.class"
BUILDER = b"io/grpc/netty/NettyServerBuilder"
INVOKE_VIRTUAL, INVOKE_STATIC, DO_NOTHING = b"\xb6", b"\xb8", b"\x00"
COUNT_AT, POOL_AT = 8, 10
UTF8, CLASS_REF, METHOD, NAME_AND_TYPE = 1, 7, 10, 12
TWO_PLACES = (5, 6)
# What follows a constant's tag, by the class file format; a text has its own length.
FORMS = {
    3: ">I", 4: ">I", 5: ">Q", 6: ">Q", 7: ">H", 8: ">H", 9: ">HH", 10: ">HH", 11: ">HH",
    12: ">HH", 15: ">BH", 16: ">H", 17: ">HH", 18: ">HH",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constant:
    """One constant of a class file: its kind, and its text or what it refers to."""

    tag: int
    text: bytes = b""
    parts: tuple[int, ...] = ()


def write_patched(jar: Path, folder: Path) -> None:
    """Write the changed class below a folder that comes before the jar on a class path."""
    with zipfile.ZipFile(jar) as archive:
        original = archive.read(CLASS)
    target = folder / CLASS
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(patched(original))


def patched(original: bytes) -> bytes:
    """Change the one call.

    Raises
    ------
    StackError
        The class is not the one known: another version of Flink, to be looked at by a person.
    """
    pool, end = constants(original)
    by_port = method(pool, b"forPort", BUILDER)
    get_port = method(pool, b"getPort", b"java/net/InetSocketAddress")
    descriptor = pool[pool[pool[by_port].parts[1]].parts[1]].text
    count = max(pool) + 1
    added = (
        _utf8(b"forAddress")
        + _utf8(descriptor.replace(b"(I)", b"(Ljava/net/SocketAddress;)"))
        + struct.pack(">BHH", NAME_AND_TYPE, count, count + 1)
        + struct.pack(">BHH", METHOD, pool[by_port].parts[0], count + 2)
    )
    old = INVOKE_VIRTUAL + _u2(get_port) + INVOKE_STATIC + _u2(by_port)
    new = 3 * DO_NOTHING + INVOKE_STATIC + _u2(count + 3)
    code = original[end:]
    if code.count(old) != 1:
        raise StackError("Flink's Beam opens its doors in another way now: see stack/loopback.py")
    head = original[:COUNT_AT] + _u2(count + 4) + original[POOL_AT:end]
    return head + added + code.replace(old, new)


def constants(original: bytes) -> tuple[dict[int, Constant], int]:
    """Read a class file's constants; give them by number, and where they end."""
    (count,) = struct.unpack_from(">H", original, COUNT_AT)
    pool: dict[int, Constant] = {}
    number, at = 1, POOL_AT
    while number < count:
        pool[number], at = _constant(original, at)
        number += 2 if pool[number].tag in TWO_PLACES else 1
    return pool, at


def _constant(original: bytes, at: int) -> tuple[Constant, int]:
    """Read one constant; give it, and where the next one is."""
    tag = original[at]
    if tag == UTF8:
        (length,) = struct.unpack_from(">H", original, at + 1)
        start = at + 3
        return Constant(tag, text=original[start : start + length]), start + length
    form = FORMS[tag]
    parts = struct.unpack_from(form, original, at + 1)
    return Constant(tag, parts=parts), at + 1 + struct.calcsize(form)


def method(pool: dict[int, Constant], name: bytes, owner: bytes) -> int:
    """Find the number of the constant that refers to a method."""
    found = list(_methods(pool, name, owner))
    if len(found) != 1:
        raise StackError(f"Flink's Beam has no {name.decode()} any more: see stack/loopback.py")
    return found[0]


def _methods(pool: dict[int, Constant], name: bytes, owner: bytes) -> Iterator[int]:
    for number, constant in pool.items():
        if constant.tag == METHOD:
            in_class, name_and_type = (pool[part] for part in constant.parts)
            right_class = pool[in_class.parts[0]].text.endswith(owner)
            if right_class and pool[name_and_type.parts[0]].text == name:
                yield number


def _utf8(text: bytes) -> bytes:
    return struct.pack(">BH", UTF8, len(text)) + text


def _u2(number: int) -> bytes:
    return struct.pack(">H", number)
