"""Every example ever written is still read, and is what the JSON Schema says."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from schemas.codec import Refusal, decode
from schemas.describe import files, json_schema
from schemas.topics import TOPICS, topic_named

EXAMPLES = Path(__file__).resolve().parents[2] / "schemas" / "examples"


def all_examples() -> list[Path]:
    return sorted(EXAMPLES.glob("*/v*/*.json"))


def topic_of(example: Path):
    return topic_named(example.parts[-3])


@pytest.mark.parametrize("example", all_examples(), ids=lambda p: "/".join(p.parts[-3:]))
def test_every_example_ever_written_is_still_read(example: Path) -> None:
    assert not isinstance(decode(example.read_bytes(), topic_of(example).record), Refusal)


@pytest.mark.parametrize("example", all_examples(), ids=lambda p: "/".join(p.parts[-3:]))
def test_every_example_obeys_the_json_schema(example: Path) -> None:
    jsonschema.validate(json.loads(example.read_bytes()), json_schema(topic_of(example)))


@pytest.mark.parametrize("name", TOPICS)
def test_every_topic_has_an_example(name: str) -> None:
    assert list((EXAMPLES / name).glob(f"v{TOPICS[name].version}/*.json"))


@pytest.mark.parametrize("example", all_examples(), ids=lambda p: "/".join(p.parts[-3:]))
def test_reading_and_writing_again_changes_nothing(example: Path) -> None:
    record = topic_of(example).record
    first = msgspec.json.decode(example.read_bytes(), type=record)
    assert msgspec.json.decode(msgspec.json.encode(first), type=record) == first


@pytest.mark.parametrize("path", files(), ids=lambda p: p.name)
def test_generated_files_say_what_the_code_says(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == files()[path], "run: python -m schemas"
