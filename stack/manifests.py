"""Manifests: the topics as Strimzi's operator takes them; `python -m stack.manifests` writes them.

The other manifests of `deploy/kubernetes` are written by hand; a test compares them with the code.
"""

from __future__ import annotations

from schemas.topics import TOPICS, Topic
from stack.layout import CHECKOUT

FILE = CHECKOUT / "deploy" / "kubernetes" / "topics.yaml"
HEAD = "# Every topic, made by: python -m stack.manifests\n"


def topic_manifest(topic: Topic) -> str:
    """Write one topic.

    `keep_all` of a city on a replay's clock is not in it: those run on one machine.
    """
    settings = "".join(f'    {name}: "{value}"\n' for name, value in topic.settings().items())
    return (
        "---\n"
        "apiVersion: kafka.strimzi.io/v1\n"
        "kind: KafkaTopic\n"
        "metadata:\n"
        f"  name: {topic.name}\n"
        "  labels: {strimzi.io/cluster: hexline}\n"
        "spec:\n"
        f"  partitions: {topic.partitions}\n"
        "  config:\n"
        f"{settings}"
    )


def text() -> str:
    """Write the whole file."""
    return HEAD + "".join(topic_manifest(topic) for topic in TOPICS.values())


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
