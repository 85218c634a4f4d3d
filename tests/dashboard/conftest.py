"""A bus in memory in place of the clients of the war room, and the API over a known city."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from dashboard.hub import clients, identity, input_log, kafka, reader, starts
from schemas.topics import CHECKINS
from tests.dashboard.bus_double import Bus
from tests.dashboard.served import FULL, RECORDS, G, client_of, wait_for
from tests.oracles.hub import SlowHub


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    """Give a bus with the topics without which there is no map, all empty."""
    made = Bus(
        checkins=CHECKINS.partitions, place_minutes=2, checkins_progress=1, cases=1
    )  # the names that the topics have
    for module in (kafka, reader, starts, identity, input_log):
        monkeypatch.setattr(module, "time", made.clock)
    monkeypatch.setattr(clients, "Consumer", made.client)
    monkeypatch.setattr(clients, "AdminClient", made.admin)
    return made


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with client_of(FULL) as opened:
        wait_for(opened, "live")
        yield opened


@pytest.fixture(scope="module")
def slow() -> SlowHub:
    recount = SlowHub(G)
    recount.take(RECORDS)
    return recount
