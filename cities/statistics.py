"""What the statistics of a city assume: the table `[statistics]` of city.toml."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Days = Annotated[int, Meta(ge=1, le=400)]


class Statistics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers of the pathogen and of the method; the defaults are those of COVID-19 in 2020.

    `serial_interval_days` and `serial_interval_sd_days` are mean (above 1) and deviation of
    the days between onset and onset, cut off after `longest_interval_days` (Nishiura et al.
    2020: 4.7 and 2.9). `longest_delay_days`: a case is reported by then; an onset further back
    is not believed, and the report's day counts. `accrual_days` are left out where newest days
    would mislead (Rt, clusters, aberrations). `window_min` is the rolling window of density.
    `hotspot_days`, `scan_days`, `scan_rings` say where hot spots and clusters are sought;
    `most_clusters` are told, with p at most `cluster_p`, drawn from `replicates` maps without
    clusters; an alarm is rarer than once in `alarm_recurrence_days`. `false_discovery_rate`
    holds for hot spots and aberrations. Density is said every `density_every_s`, the other
    statistics every `statistics_every_s`, clusters are sought every `scan_every_s` seconds.
    """

    pathogen: str = "covid-19"
    serial_interval_days: Annotated[float, Meta(gt=1.0, le=60.0)] = 4.7
    serial_interval_sd_days: Annotated[float, Meta(gt=0.0, le=60.0)] = 2.9
    longest_interval_days: Annotated[int, Meta(ge=2, le=120)] = 20
    longest_delay_days: Annotated[int, Meta(ge=1, le=120)] = 30
    accrual_days: Annotated[int, Meta(ge=0, le=30)] = 3
    window_min: Annotated[int, Meta(ge=1, le=1440)] = 60
    hotspot_days: Days = 14
    scan_days: Annotated[int, Meta(ge=1, le=28)] = 7
    scan_rings: Annotated[int, Meta(ge=0, le=10)] = 4
    replicates: Annotated[int, Meta(ge=19, le=9999)] = 999
    most_clusters: Annotated[int, Meta(ge=1, le=20)] = 5
    cluster_p: Annotated[float, Meta(gt=0.0, lt=1.0)] = 0.05
    alarm_recurrence_days: Annotated[float, Meta(gt=1.0)] = 365.0
    false_discovery_rate: Annotated[float, Meta(gt=0.0, lt=1.0)] = 0.05
    density_every_s: Annotated[int, Meta(ge=1, le=3600)] = 10
    statistics_every_s: Annotated[int, Meta(ge=1, le=86_400)] = 300
    scan_every_s: Annotated[int, Meta(ge=1, le=86_400)] = 3600
