"""Spring: New York, April 2020, replayed through the picture's steps, beside what was published.

    case counts by ZIP area, as they were published --> picture, day by day --> risk by area
                                                                  |                 |
                                         clusters of each Sunday <'     rank correlation with the
                                                                        cases of the week after

Every day the picture knows only what had arrived by its end. The week after is what the health
department published later: cases by residents of each area, none of which the picture had seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from cities.pack import CityPack, load
from jobs.steps.picture.ground import Ground
from jobs.steps.picture.picture import Picture, last_values
from jobs.steps.picture.pieces import Message, Piece
from jobs.steps.picture.settings import PictureSettings
from schemas.times import DAY_MS
from schemas.topics import AREA_RT, CASES, CLUSTERS
from simulators.replay.open import open_replay
from simulators.replay.run import Order, chosen
from simulators.replay.stream import Replay
from stack.bench.rows import Row, at_least

CITY = "nyc"
WEEK = 7
LEAST_CORRELATION = 0.6
Reals = NDArray[np.float64]


def run(options: Mapping[str, str]) -> list[Row]:
    """Follow April day by day; see the list of benches."""
    del options
    pack = load(CITY)
    files, days, _ = chosen(Order(CITY, None, (None, None), None), pack)
    stream = open_replay(files, pack.timezone, pack.gazetteer.area_index, days)
    settings = PictureSettings.of(pack)
    ground = Ground.of(pack.gazetteer, settings.statistics.scan_rings)
    picture, weekly = Picture.of(ground, settings), _new_cases(stream, pack)
    rows: list[Row] = []
    for number, piece in enumerate(_by_day(stream)):
        picture.fold(piece)
        if number % WEEK == WEEK - 1 and number + WEEK <= len(weekly):
            rows += _judged(picture, pack, weekly[number : number + WEEK].sum(axis=0), number)
    return rows


def _by_day(stream: Replay) -> Iterator[Piece]:
    """Give the case reports that arrive on each day of the replay."""
    for start_ms in range(stream.begin_ms, stream.end_ms, DAY_MS):
        found = [
            Message(int(arrival_ms), value)
            for batch in stream.between(start_ms, min(start_ms + DAY_MS, stream.end_ms))
            if batch.topic == CASES.name
            for value, arrival_ms in zip(batch.values, batch.arrival_ms, strict=True)
        ]
        yield Piece.of(CASES.name, 0, found)


def _new_cases(stream: Replay, pack: CityPack) -> Reals:
    """Count what was published as new on each day, by area: (days, areas); falls count as none."""
    index, days = pack.gazetteer.area_index, []
    for piece in _by_day(stream):
        day = np.zeros(len(index))
        for message in piece.messages():
            report = json.loads(message.payload)
            if report["revision"] == 1:
                day[index[report["area_id"]]] += report["weight"]
        days.append(day)
    return np.array(days)[1:]


def _judged(picture: Picture, pack: CityPack, after: Reals, number: int) -> list[Row]:
    """Compare the risk of areas with the week after, and count the clusters found."""
    said = last_values(picture.everything())
    picture.spoken.last.clear()
    gazetteer = pack.gazetteer
    smallest = np.flatnonzero((gazetteer.level == 1) & (gazetteer.residents > 0))
    risk = {each: json.loads(value) for each, value in said[AREA_RT.name].items()}
    rr = np.array([risk[str(gazetteer.area_id[row])]["rr"] or np.nan for row in smallest])
    rate = after[smallest] / gazetteer.residents[smallest]
    known = np.isfinite(rr)
    clusters = [json.loads(value) for value in said[CLUSTERS.name].values()]
    found = [each for each in clusters if each["found"]]
    day = f"day {number + 1}"
    return [
        at_least(
            f"{day}: rank correlation of risk with the week after",
            round(float(spearmanr(rr[known], rate[known]).statistic), 3), LEAST_CORRELATION, "",
        ),
        Row(f"{day}: clusters told", len(found), ""),
        Row(f"{day}: observed over expected in the strongest",
            round(found[0]["ratio"], 2) if found else 0.0, ""),
    ]  # fmt: skip
