"""Checks before a job is submitted: topics as their contracts say, city, plan."""

from __future__ import annotations

from cities.pack import load
from jobs.catalog import Job
from jobs.config import Start
from jobs.control import Order
from jobs.log import Log
from jobs.rest import Flink
from jobs.surroundings import Surroundings


def findings(job: Job, around: Surroundings) -> list[str]:
    """Say what keeps a job from running; nothing where it could be submitted.

    The city's pack and the plan are tried as a submission would; an error of theirs is raised.
    """
    wrong = missing_topics(job, around)
    Flink(around.flink).jobs()
    Order(job, around).plan(load(around.city), Start())
    return wrong


def missing_topics(job: Job, around: Surroundings) -> list[str]:
    """Name the topics that are not there, or have another number of partitions."""
    with Log(around.broker) as log:
        found = {topic: len(log.partitions(topic)) for topic in (*job.reads, *job.writes)}
    return [
        f"topic {topic.name}: {partitions} partitions: expected {topic.partitions}"
        for topic, partitions in found.items()
        if partitions != topic.partitions
    ]
