"""The truth of a run, as Parquet; `docs/methods/simulator.md` says what every column means."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from geo.gazetteer import Gazetteer
from simulators.city.contacts import Contacts
from simulators.city.done import Done
from simulators.city.ground import Ground
from simulators.city.simulation import DayOfCity, Simulation
from simulators.city.stretches import STRETCH_MS, STRETCHES, Stretch
from simulators.truth_cells import CellPeople
from simulators.truth_counts import Moves, inside_by_minute, minutes_of, risk_by_day, rt_by_day

WAYS = ("seed", "imported", "household", "met")
KINDS = (
    "",
    "work",
    "school",
    "shopping",
    "treatment",
    "friend",
    "round",
    "stranger",
    "drive",
    "return",
)


@dataclass(eq=False)
class Truth:
    """Writes a run's truth day by day into `folder`; `close` adds what needs the whole run.

    What gates saw is kept until a day is over, or, where `at_once`, written a stretch at a time:
    a large live city is too much to keep. With `keep_days`, files a day that are older go.
    """

    folder: Path
    simulation: Simulation
    gazetteer: Gazetteer
    at_once: bool = False
    keep_days: int | None = None
    _places: pl.Series = field(init=False)
    _days: int = field(init=False, default=0)
    _later: Moves = field(init=False, default_factory=Moves.none)
    _inside: np.ndarray[tuple[int], np.dtype[np.int64]] = field(init=False)
    _stretches: dict[str, list[pl.DataFrame]] = field(init=False, default_factory=dict)
    _file: str = field(init=False, default="")
    _cells: CellPeople = field(init=False)

    def __post_init__(self) -> None:
        self._cells = CellPeople(self.simulation, self.gazetteer)
        self._places = pl.Series(self.gazetteer.place_id.tolist())
        self._inside = np.zeros(len(self._places), dtype=np.int64)
        self.folder.mkdir(parents=True, exist_ok=True)
        people(self.simulation.ground, self.gazetteer).write_parquet(self.folder / "people.parquet")
        self._events()

    def day(self, day: DayOfCity) -> None:
        """Write one day, but for what its gates see; and what those of the day before saw."""
        self._write_stretches()
        self._days = day.day + 1
        self._file = f"day-{day.day:03d}"
        frames = {
            "contacts": contacts(day, self._places),
            "infections": self._infections(day),
            "reports": reports(day),
        }
        people_by_cell = self._cells.day(day, wanted=len(day.passages) > 0)
        if people_by_cell is not None:
            frames |= {"outings": outings(day, self._places), "cell-people": people_by_cell}
        for name, frame in frames.items():
            self._write(name, self._file, frame)
        if self.keep_days is not None and len(day.passages):
            self._write_whole()  # a live city is looked at while it lives
            self._forget(day.day)

    def stretch(self, stretch: Stretch) -> None:
        """Keep or write what was true at the gates in a stretch, and what the dirt did."""
        moment = stretch.moment
        frames = {
            "true-minutes": minutes_of(stretch.true, moment.begin_ms, self._places),
            "occupancy": self._occupancy(stretch),
            "dirt": dirt(stretch, self._places),
        }
        for name, frame in frames.items():
            self._stretches.setdefault(name, []).append(frame)
        if self.at_once:
            self._write_stretches(f"-{moment.stretch:03d}")

    def _occupancy(self, stretch: Stretch) -> pl.DataFrame:
        """Follow who is inside through this stretch; what happens later waits for its turn."""
        moment = stretch.moment
        moves = self._later + Moves.of(stretch.true, moment.begin_ms)
        next_day_ms = self.simulation.calendar.begin_ms(moment.day + 1)
        ends_ms = moment.begin_ms + (moment.stretch + 1) * STRETCH_MS
        last = moment.stretch == STRETCHES - 1
        now, self._later = moves.split(next_day_ms if last else min(next_day_ms, ends_ms))
        frame, self._inside = inside_by_minute(now, self._places, self._inside)
        return frame

    def _write_stretches(self, number: str = "") -> None:
        for name, frames in self._stretches.items():
            self._write(name, f"{self._file}{number}", pl.concat(frames))
        self._stretches.clear()

    def _write(self, name: str, file: str, frame: pl.DataFrame) -> None:
        (self.folder / name).mkdir(exist_ok=True)
        frame.write_parquet(self.folder / name / f"{file}.parquet")

    def _forget(self, today: int) -> None:
        oldest = today - (self.keep_days or 0)
        for name in ("true-minutes", "occupancy", "cell-people", "dirt", "outings"):
            for file in (self.folder / name).glob("day-*.parquet"):
                if int(file.stem.split("-")[1]) < oldest:
                    file.unlink()

    def close(self) -> None:
        """Write what needs the whole run: relative risk by cell and Rt by area."""
        self._write_stretches()
        self._write_whole()

    def _write_whole(self) -> None:
        health, ground = self.simulation.health, self.simulation.ground
        for name, frame_of in (("risk", risk_by_day), ("rt", rt_by_day)):
            frame = frame_of(health, ground, self.gazetteer, self._days)
            frame.write_parquet(self.folder / f"{name}.parquet")

    def _infections(self, day: DayOfCity) -> pl.DataFrame:
        health, who = self.simulation.health, np.sort(day.spread.infected)
        home = self.simulation.ground.people.home[who]
        above = self.gazetteer.lineage[self.gazetteer.grid[home]].tolist()
        names = self.gazetteer.area_id.tolist()
        return pl.DataFrame(
            {
                "person": who,
                "infector": health.infector[who],
                "way": [WAYS[way] for way in health.way[who]],
                "infected_day": health.infected[who],
                "onset_day": health.onset[who],
                "symptoms": health.symptoms[who],
                "home": self.gazetteer.place_id[home].astype(str),
                "cell": [f"{cell:x}" for cell in self.gazetteer.cells[home, 1].tolist()],
                "areas": [[names[row] for row in chain if row >= 0] for chain in above],
            },
            schema_overrides=dict.fromkeys(("way", "home", "cell"), pl.String)
            | {"areas": pl.List(pl.String)},
        )

    def _events(self) -> None:
        begin = self.simulation.calendar.begin_ms(0)
        rows = [
            {
                "kind": found.event.kind,
                "place_id": str(self.gazetteer.place_id[found.place]) if found.place >= 0 else None,
                "begin_ms": begin + found.begin,
                "end_ms": begin + found.end,
                "size": found.event.size,
                "people": found.people.tolist(),
            }
            for found in self.simulation.settled
        ]
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "kind": pl.String,
            "place_id": pl.String,
            "begin_ms": pl.Int64,
            "end_ms": pl.Int64,
            "size": pl.Int64,
            "people": pl.List(pl.Int64),
        }
        pl.DataFrame(rows, schema=schema).write_parquet(self.folder / "events.parquet")


def people(ground: Ground, gazetteer: Gazetteer) -> pl.DataFrame:
    """Give everybody: number, household, age, role, where they live and work."""
    who, places = ground.people, pl.Series(gazetteer.place_id.tolist())
    frame = pl.DataFrame(
        {
            "person": np.arange(len(who)),
            "household": who.household,
            "age": who.age,
            "role": who.role,
        }
    )
    works = pl.Series(who.work >= 0)
    work = places.gather(np.where(who.work >= 0, who.work, 0))
    nowhere = pl.Series([None], dtype=pl.String)
    return frame.with_columns(home=places.gather(who.home), work=work.zip_with(works, nowhere))


def outings(day: DayOfCity, places: pl.Series) -> pl.DataFrame:
    """Give who was where: one row an outing, instants in milliseconds."""
    found = day.outings
    times = {
        f"{name}_ms": day.begin_ms + getattr(found, name).astype(np.int64)
        for name in ("leave", "arrive", "depart", "back")
    }
    return pl.DataFrame(
        {
            "person": found.person,
            "place_id": places.gather(found.place),
            "kind": pl.Series(KINDS).gather(found.kind),
            **times,
            "denied": found.denied,
        }
    )


def contacts(day: DayOfCity, places: pl.Series) -> pl.DataFrame:
    """Give the contacts of the infectious, with their minutes together."""

    def rows(found: Contacts, way: str) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "infectious": found.source,
                "person": found.person,
                "place_id": places.gather(found.place),
                "minutes": found.minutes,
                "at_ms": day.begin_ms + found.at_ms.astype(np.int64),
            }
        ).with_columns(way=pl.lit(way))

    return pl.concat([rows(day.spread.home, "household"), rows(day.spread.met, "met")])


def dirt(stretch: Stretch, places: pl.Series) -> pl.DataFrame:
    """Give every record that something was done to, and every passage that was lost.

    A lost one has no event id and no arrival.
    """
    found, lost = stretch.sent, stretch.lost
    rows = np.flatnonzero(found.done)
    true_ms = stretch.moment.begin_ms + stretch.true.at.astype(np.int64)
    frame = pl.DataFrame(
        {
            "event_id": [f"s{n:016x}" for n in found.check_ins.event_id[rows].tolist()],
            "place_id": places.gather(found.check_ins.place[rows]),
            "true_ms": true_ms[found.passage[rows]],
            "event_ms": found.check_ins.event_ms[rows],
            "arrival_ms": found.check_ins.arrival_ms[rows],
            "done": found.done[rows],
        },
        schema_overrides={"event_id": pl.String},
    )
    gone = pl.DataFrame(
        {
            "place_id": places.gather(stretch.true.place[lost.passage]),
            "true_ms": true_ms[lost.passage],
            "done": lost.done,
        }
    )
    both = pl.concat([frame, gone], how="diagonal")
    return both.with_columns(
        *((pl.col("done") & int(kind) > 0).alias(str(kind.name).lower()) for kind in Done)
    )


def reports(day: DayOfCity) -> pl.DataFrame:
    """Give every report with the person behind it and whether that person had the disease."""
    return pl.DataFrame(
        {
            "case_id": [known.report.case_id for known in day.known],
            "revision": [known.report.revision for known in day.known],
            "category": [known.report.category for known in day.known],
            "status": [known.report.status for known in day.known],
            "report_ms": [known.report.report_ms for known in day.known],
            "person": [known.person for known in day.known],
            "infected": [known.infected for known in day.known],
        },
        schema={
            "case_id": pl.String,
            "revision": pl.Int64,
            "category": pl.String,
            "status": pl.String,
            "report_ms": pl.Int64,
            "person": pl.Int64,
            "infected": pl.Boolean,
        },
    )


class RunFile(msgspec.Struct, frozen=True, kw_only=True):
    """`run.json`: what was run, and how far what was sent reaches.

    Check-ins were sent from `gates_from_ms` on, from the begin where it is None; at gates a
    simulated person stands for so many.
    """

    scenario: msgspec.Raw
    city: str
    city_version: str
    people: int
    seed: int
    begin_ms: int
    done_ms: int
    ended: bool
    sent: dict[str, int]
    gates_from_ms: int | None = None
    stands_for: float = 1.0


def write_run(folder: Path, run: RunFile) -> None:
    """Write `run.json`; whoever reads it meanwhile, or after a kill, finds a whole one."""
    text = msgspec.json.format(msgspec.json.encode(run), indent=2)
    beside = folder / "run.json.new"
    try:
        beside.write_bytes(text + b"\n")
        beside.replace(folder / "run.json")
    finally:
        beside.unlink(missing_ok=True)


def read_run(folder: Path) -> RunFile:
    """Read `run.json`."""
    return msgspec.json.decode((folder / "run.json").read_bytes(), type=RunFile)
