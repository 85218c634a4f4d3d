"""The war room on made-up slices, without Kafka and Flink, for whoever works on the page.

    python -m tests.dashboard.fake_stream --port 8900 [--city wuhan]

Everything it shows is marked as simulated. It is not a part of the product: `./hexline up`
never starts it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import numpy as np
import uvicorn

from dashboard.asgi import make_asgi
from dashboard.config import Limits, Pace
from dashboard.hub.source import Batch, CaseMessage
from schemas.codec import encode
from schemas.records import CaseReport, PlaceMinute, Progress, Rejected
from schemas.times import DAY_MS, MINUTE_MS
from tests.dashboard.fake_city import fake_city


def now_ms() -> int:
    """Give the wall clock."""
    return time.time_ns() // 1_000_000


@dataclass
class FakeStream:
    """Slices of a city whose places are busy in clumps; full values, as the job sends them."""

    city: object
    per_second: int
    seed: int = 7
    closed: bool = False
    counts: dict[int, np.ndarray] = field(default_factory=dict)
    offset: int = 0

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        g = self.city.gazetteer
        self.names = [[f"{c:015x}" for c in row] for row in g.cells.tolist()]
        self.weight = self.rng.gamma(0.4, 1.0, len(g.place_id)) + 0.01
        for _ in range(6):
            x, y = self.rng.choice(g.lng), self.rng.choice(g.lat)
            self.weight *= 1 + 12 * np.exp(-((g.lng - x) ** 2 + (g.lat - y) ** 2) / 0.03**2)
        self.weight /= self.weight.sum()

    def batches(self) -> Iterator[Batch]:
        """Give two hours at once, then what happens, five times a second."""
        minute = now_ms() // MINUTE_MS
        yield Batch(cases=self.cases(), rejected=self.rejects(), caught_up=False)
        for past in range(minute - 125, minute):
            share = 0.7 + 0.3 * np.sin(past / 20)
            yield Batch(
                slices=self.slices(past, int(self.per_second * 60 * share)), caught_up=False
            )
        while not self.closed:
            time.sleep(0.2)
            at = now_ms()
            slices = self.slices(at // MINUTE_MS, self.per_second // 5)
            if self.rng.random() < 0.05:  # a gate was offline and reports now
                slices += self.slices(at // MINUTE_MS - 12, 30)
            yield Batch(slices=slices, progress=[self.progress(at)], ends={0: self.offset + 1})

    def slices(self, minute: int, n: int) -> list[bytes]:
        """Let `n` people pass in a minute; give the new full value of every slice touched."""
        passed = self.rng.multinomial(n, self.weight)
        counts = self.counts.setdefault(minute, np.zeros((len(passed), 6), dtype=int))
        for old in [held for held in self.counts if held < minute - 20]:
            del self.counts[old]
        touched = np.flatnonzero(passed)
        people = passed[touched]
        counts[touched, :4] += self.rng.multinomial(people, [0.42, 0.4, 0.17, 0.01])
        screened = self.rng.binomial(people, 0.3)
        counts[touched, 4] += screened
        counts[touched, 5] += self.rng.binomial(screened, 0.01)
        self.offset += n
        arrival_ms = min(now_ms(), (minute + 1) * MINUTE_MS - 1)
        return [self.slice_of(place, minute, arrival_ms) for place in touched.tolist()]

    def slice_of(self, place: int, minute: int, arrival_ms: int) -> bytes:
        """Write one slice."""
        n = self.counts[minute][place].tolist()
        g, cells = self.city.gazetteer, self.names[place]
        return encode(
            PlaceMinute(
                place_id=g.place_id[place],
                minute_ms=minute * MINUTE_MS,
                n_in=n[0],
                n_out=n[1],
                n_pass=n[2],
                n_denied=n[3],
                n_screened=n[4],
                n_fever=n[5],
                n_simulated=sum(n[:4]),
                arrival_ms=arrival_ms,
                cell7=cells[0],
                cell8=cells[1],
                cell9=cells[2],
                grid=g.area_id[g.grid[place]],
            )
        )

    def progress(self, at: int) -> bytes:
        """Write the accounts: a few in a thousand are rejected or late."""
        rejected, late = self.offset // 900, self.offset // 2000
        return encode(
            Progress(
                topic="checkins",
                partition=0,
                first_offset=0,
                offset=self.offset,
                read=self.offset + 1,
                accepted=self.offset + 1 - rejected - late,
                rejected=rejected,
                late=late,
                arrival_ms=at,
            )
        )

    def rejects(self) -> list[bytes]:
        """Reject a few, each for its field."""
        reasons = ["lat: 95: expected degrees in ±90"] * 3 + ['direction: "up": expected in']
        return [
            encode(
                Rejected(
                    topic="checkins",
                    partition=2,
                    offset=1027 + i,
                    arrival_ms=now_ms(),
                    reason=reason,
                    payload=b"secret payload",
                )
            )
            for i, reason in enumerate(reasons)
        ]

    def cases(self) -> list[CaseMessage]:
        """Report a wave of cases over 60 days, and one message that is no case."""
        g, messages, today = self.city.gazetteer, [], now_ms()
        for day in range(60):
            wave = 4 + 60 * np.exp(-((day - 40) ** 2) / 180)
            for i in range(int(self.rng.poisson(wave))):
                report_ms = today - (59 - day) * DAY_MS - int(self.rng.integers(0, 3_600_000))
                case = CaseReport(
                    v=1,
                    case_id=f"case-{day}-{i}",
                    revision=1,
                    report_ms=report_ms,
                    category=str(
                        self.rng.choice(
                            ["confirmed", "suspected", "fever", "contact"], p=[0.5, 0.25, 0.15, 0.1]
                        )
                    ),
                    status="open",
                    source="sim:cases",
                    place_id=str(g.place_id[self.rng.integers(0, len(g.place_id))]),
                )
                messages.append(CaseMessage(0, len(messages), report_ms, encode(case)))
        bad = msgspec.json.encode({"v": 1, "case_id": "x", "revision": 0})
        return [*messages, CaseMessage(0, len(messages), today, bad)]

    def close(self) -> None:
        """End the stream."""
        self.closed = True


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--city", default="", help="a city pack; a made-up city without it")
    parser.add_argument("--rate", type=int, default=1000, help="made-up passages a second")
    args = parser.parse_args()
    if args.city:
        from cities.pack import load  # noqa: PLC0415 - not needed for the made-up city

        city = load(args.city)
    else:
        city = fake_city(side=16, places_per_grid=8)
    app = make_asgi(city, lambda: FakeStream(city, args.rate), now_ms, Limits(), Pace())
    uvicorn.run(
        app, host="127.0.0.1", port=args.port, log_level="warning", ws_per_message_deflate=False
    )


if __name__ == "__main__":
    main()
