"""The jobs there are: what each is called, reads and writes, and how it is built."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from cities.pack import CityPack
from jobs.config import CountsConfig, PictureConfig, RollupsConfig, Start
from jobs.errors import UnknownJobError
from jobs.surroundings import Surroundings
from schemas import topics
from schemas.topics import Topic

Config = CountsConfig | RollupsConfig | PictureConfig


@dataclass(frozen=True, slots=True)
class Job:
    """One job; `module` has a function `build(tables, config)`.

    `on_streams`: between its tables stands a function on a stream; `state_version` is that of
    what it keeps, see `jobs.steps.picture.keeping`. `ages`: it forgets what has not changed for
    its `state_ttl_ms`; what another keeps stays valid however long it is stopped.
    """

    name: str
    module: str
    about: str
    reads: tuple[Topic, ...]
    writes: tuple[Topic, ...]
    on_streams: bool = False
    state_version: int = 1
    ages: bool = True

    def build(self, tables: Any, config: Config) -> Any:
        """Wire the job; PyFlink is imported only now."""
        return importlib.import_module(self.module).build(tables, config)

    def config(self, around: Surroundings, pack: CityPack, start: Start) -> Config:
        """Give what the job depends on, in these surroundings."""
        if self.name == "counts":
            return CountsConfig(
                broker=around.broker,
                city=around.city,
                no_dedupe_sources=pack.no_dedupe_sources,
                start=start,
            )
        if self.name == "picture":
            return PictureConfig(broker=around.broker, city=around.city)
        return replace(RollupsConfig(broker=around.broker, city=around.city), start=start)


COUNTS = Job(
    name="counts",
    module="jobs.counts",
    about="Check-ins by place and minute, with rejects, late records and accounts.",
    reads=(topics.CHECKINS,),
    writes=(
        topics.PLACE_MINUTES,
        topics.CHECKINS_REJECTED,
        topics.CHECKINS_LATE,
        topics.CHECKINS_PROGRESS,
    ),
)
ROLLUPS = Job(
    name="rollups",
    module="jobs.rollups",
    about="Slices of places summed to cells and areas.",
    reads=(topics.PLACE_MINUTES,),
    writes=(topics.CELL_MINUTES, topics.AREA_MINUTES),
)

PICTURE = Job(
    name="picture",
    module="jobs.picture",
    about="Density, risk, hot spots, clusters, Rt and aberrations of the city, live.",
    reads=(topics.PLACE_MINUTES, topics.CASES),
    writes=(
        topics.CELL_DENSITY,
        topics.CELL_RISK,
        topics.HOTSPOTS,
        topics.CLUSTERS,
        topics.AREA_RT,
        topics.ABERRATIONS,
    ),
    on_streams=True,
    ages=False,
)

JOBS: Mapping[str, Job] = MappingProxyType({job.name: job for job in (COUNTS, ROLLUPS, PICTURE)})


def job_named(name: str) -> Job:
    """Find a job by its name."""
    try:
        return JOBS[name]
    except KeyError:
        raise UnknownJobError.named(name, sorted(JOBS)) from None
