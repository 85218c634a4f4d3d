"""Output to a folder: the same messages as on the bus, as JSON lines or Parquet."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from simulators.errors import SettingError
from simulators.messages import Messages

Form = Literal["jsonl", "parquet"]
_SCHEMA = pa.schema([("arrival_ms", pa.int64()), ("key", pa.string()), ("value", pa.binary())])


@dataclass(slots=True)
class FilesOut:
    """Writes `<topic>.jsonl` or `<topic>.parquet` into a folder that holds none yet.

    A line is `{"arrival_ms": …, "key": …, "value": {…}}`; a value that is not one line of
    JSON in UTF-8 stands as `"bytes"` in base64 instead.
    """

    folder: Path
    form: Form
    sent: dict[str, int] = field(default_factory=dict)
    _lines: dict[str, IO[bytes]] = field(default_factory=dict)
    _tables: dict[str, pq.ParquetWriter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        there = sorted(self.folder.glob("*.jsonl")) + sorted(self.folder.glob("*.parquet"))
        if there:
            raise SettingError(f"{there[0]}: there already: expected a folder without a run")

    def send(self, messages: Messages) -> None:
        """Write messages, in order."""
        if self.form == "jsonl":
            self._write_lines(messages)
        else:
            self._write_table(messages)
        self.sent[messages.topic] = self.sent.get(messages.topic, 0) + len(messages.ids)

    def _write_lines(self, messages: Messages) -> None:
        if messages.topic not in self._lines:
            self._lines[messages.topic] = (self.folder / f"{messages.topic}.jsonl").open("wb")
        rows = zip(messages.arrival_ms.tolist(), messages.keys, messages.values, strict=True)
        self._lines[messages.topic].writelines(_line(at, key, value) for at, key, value in rows)

    def _write_table(self, messages: Messages) -> None:
        if messages.topic not in self._tables:
            path = self.folder / f"{messages.topic}.parquet"
            self._tables[messages.topic] = pq.ParquetWriter(path, _SCHEMA, compression="zstd")
        if not messages.ids:  # the file is there all the same, without a group of no rows
            return
        columns = [messages.arrival_ms, list(messages.keys), list(messages.values)]
        arrays = [pa.array(c, type=f.type) for c, f in zip(columns, _SCHEMA, strict=True)]
        self._tables[messages.topic].write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA))

    def flush(self, wait: Callable[[], bool] = lambda: True) -> bool:
        """Hand everything to the operating system."""
        for file in self._lines.values():
            file.flush()
        return True

    def close(self) -> None:
        """End all files, even where one cannot be; a Parquet file can be read only then."""
        with ExitStack() as ends:
            for file in (*self._lines.values(), *self._tables.values()):
                ends.callback(file.close)

    def words(self) -> str:
        """Say what was written."""
        return ", ".join(f"{number:,} {topic} written" for topic, number in self.sent.items())


def _line(at_ms: int, key: str | None, value: bytes) -> bytes:
    named = b"null" if key is None else b'"%s"' % key.encode()
    head = b'{"arrival_ms":%d,"key":%s,' % (at_ms, named)
    if _is_a_line_of_json(value):
        return head + b'"value":' + value + b"}\n"
    return head + b'"bytes":"' + base64.b64encode(value) + b'"}\n'


def _is_a_line_of_json(value: bytes) -> bool:
    if not (value.startswith(b"{") and value.endswith(b"}")) or b"\n" in value:
        return False
    # Only what was broken on purpose has spaces behind its colons, and may hold NaN.
    return b": " not in value or _can_be_read(value)


def _can_be_read(value: bytes) -> bool:
    try:
        msgspec.json.decode(value)
    except (msgspec.MsgspecError, UnicodeError):
        return False
    return True
