"""Load: every profile sends what was asked, in its own shape, and ends by itself."""

import numpy as np
import pytest

from simulators.load import LARGEST_TICK, PROFILES, Load, fresh, profile_integral, run_load
from simulators.scenario import Scenario
from tests.simulators.towns import days

POOL = days(Scenario(name="pool", days=1))[0].sent.check_ins


class Machine:
    """A clock that moves by what is slept and by what sending takes."""

    def __init__(self, send_s_each: float = 0.0) -> None:
        self.now_s, self.each_s, self.batches = 0.0, send_s_each, []

    def send(self, rows) -> None:
        """Take some time for every row."""
        self.batches.append((self.now_s, len(rows), rows))
        self.now_s += self.each_s * len(rows)

    def run(self, load: Load) -> int:
        """Send a load."""
        clock = (lambda: self.now_s, self._sleep)
        return run_load(load, POOL, self.send, clock, lambda: int(self.now_s * 1000))[0]

    def _sleep(self, seconds: float) -> None:
        self.now_s += max(seconds, 1e-3)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_sends_its_mean_rate_and_never_goes_back(profile):
    length = 60.0
    sent = [profile_integral(profile, t, length) for t in np.linspace(0, length, 601)]
    assert sent[0] == 0
    assert sent[-1] == pytest.approx(length)
    assert (np.diff(sent) >= 0).all()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_load_ends_by_itself_with_what_was_asked(profile):
    machine = Machine()
    assert machine.run(Load(profile, 1_000, 30.0, 10**9)) == 30_000
    assert machine.now_s == pytest.approx(30.0, abs=0.2)


def test_a_load_is_bounded_in_count():
    assert Machine().run(Load("steady", 1_000, 30.0, 5_000)) == 5_000


def test_a_machine_that_cannot_keep_up_stops_on_time_short_of_what_was_asked():
    machine = Machine(send_s_each=1e-4)
    sent = machine.run(Load("steady", 50_000, 10.0, 10**9))
    assert 100_000 <= sent < 150_000
    assert machine.now_s < 10.0 + LARGEST_TICK * 1e-4 + 1


def test_profiles_have_their_shapes():
    def rate(profile, second):
        return sum(n for at, n, _ in machines[profile].batches if second <= at < second + 1)

    machines = {name: Machine() for name in PROFILES}
    for name, machine in machines.items():
        machine.run(Load(name, 1_000, 60.0, 10**9))
    assert rate("ramp", 55) > 5 * rate("ramp", 5)
    assert rate("rush", 30) > 3 * rate("rush", 3)
    assert rate("burst", 1) > 4 * rate("burst", 15)
    assert rate("steady", 40) == pytest.approx(1_000, rel=0.06)


def test_a_pool_used_round_and_round_gives_new_events_that_happen_now():
    rows = fresh(POOL, len(POOL) - 5, 10, 1_700_000_000_000, 1)
    assert (rows.place[5:] == POOL.place[:5]).all()
    assert (rows.event_ms == 1_700_000_000_000).all()
    other = fresh(POOL, 0, 1_000, 0, 2)
    assert len(np.unique(np.concatenate([rows.event_id, other.event_id]))) == 1_010
