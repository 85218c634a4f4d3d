"""Descriptions made from the code: JSON Schema of every topic, and docs/topics.md.

`python -m schemas` writes them; a test fails when they are not what the code says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from schemas.codec import expectation
from schemas.topics import TOPICS, Topic

ROOT = Path(__file__).resolve().parent.parent
JSON_SCHEMAS = ROOT / "schemas" / "json"
TOPICS_PAGE = ROOT / "docs" / "topics.md"


def json_schema(topic: Topic) -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a topic's record; unknown fields are allowed."""
    (schema,), components = msgspec.json.schema_components(
        (topic.record,), ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{topic.name} v{topic.version}",
        **schema,
        "$defs": components,
    }


def topics_page() -> str:
    """Write docs/topics.md: the table of topics, then each record field by field."""
    parts = [_HEAD, _table(list(TOPICS.values()))]
    parts += [_section(topic) for topic in TOPICS.values()]
    return "\n".join(parts)


def files() -> dict[Path, str]:
    """Give every generated file with its text."""
    schemas = {
        JSON_SCHEMAS / f"{topic.name}.v{topic.version}.json": json.dumps(
            json_schema(topic), indent=2, ensure_ascii=False
        )
        + "\n"
        for topic in TOPICS.values()
    }
    return schemas | {TOPICS_PAGE: topics_page()}


_HEAD = """# Topics

Made from `schemas/` by `python -m schemas`; do not edit. Every value is one JSON object; every
key is text. Readers ignore fields they do not know, and a new field has a default, so records
grow without breaking anyone; a changed meaning is a new version. Machine-readable: `schemas/json/`.
One example of every version still read: `schemas/examples/`.
"""


def _table(topics: list[Topic]) -> str:
    rows = [
        f"| [`{t.name}`](#{t.name}) | {t.record.__name__} | {_cell(t.key)} | {t.partitions} "
        f"| {_retention(t)} | {t.about} |"
        for t in topics
    ]
    head = "| topic | record | key | partitions | kept | about |\n|---|---|---|---|---|---|"
    return "\n".join([head, *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _retention(topic: Topic) -> str:
    kept = "for ever" if topic.retention is None else f"{topic.retention.days} days"
    return f"last value of a key, {kept}" if topic.compacted else kept


def _section(topic: Topic) -> str:
    hints = get_type_hints(topic.record, include_extras=True)
    rows = [
        f"| `{field.encode_name}` | {'yes' if field.required else _default(field)} "
        f"| {expectation(hints[field.name])} |"
        for field in msgspec.structs.fields(topic.record)
    ]
    doc = (topic.record.__doc__ or "").strip().replace("\n    ", "\n")
    head = "| field | required, else default | expected |\n|---|---|---|"
    return "\n".join([f"## {topic.name}", "", doc, "", head, *rows, ""])


def _default(field: msgspec.structs.FieldInfo) -> str:
    return f"`{json.dumps(field.default)}`"
