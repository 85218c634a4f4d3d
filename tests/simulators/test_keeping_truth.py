"""The truth of a live city: days that are old go, those of now stay, for years."""

from pathlib import Path

from simulators.scenario import Scenario
from simulators.truth import Truth
from tests.simulators.towns import CITY, simulation


def test_old_days_go_and_new_ones_stay_also_beyond_the_thousandth(tmp_path: Path):
    truth = Truth(tmp_path, simulation(Scenario(name="calm")), CITY, keep_days=2)
    (tmp_path / "dirt").mkdir()
    for name in ("day-997-003", "day-998-143", "day-999-000", "day-1000-000"):
        (tmp_path / "dirt" / f"{name}.parquet").write_bytes(b"")
    truth._forget(1000)
    left = sorted(file.stem for file in (tmp_path / "dirt").iterdir())
    assert left == ["day-1000-000", "day-998-143", "day-999-000"]
