"""The table [statistics] of city.toml: defaults where nothing is said, faults by name."""

import numpy as np
import pytest

from cities.check import check
from cities.pack import load
from cities.statistics import Statistics
from geo.errors import GeoError
from jobs.steps.picture.settings import PictureSettings
from tests.cities import town as t


def with_statistics(folder, *lines):
    pack = t.town(folder)
    settings = pack / "city.toml"
    settings.write_text("\n".join([settings.read_text(), "[statistics]", *lines]) + "\n")
    return pack


def test_a_pack_without_the_table_has_the_defaults(tmp_path):
    assert load(t.town(tmp_path)).statistics == Statistics()


def test_a_pathogen_of_its_own(tmp_path):
    pack = load(with_statistics(
        tmp_path, 'pathogen = "dengue"', "serial_interval_days = 17.0",
        "serial_interval_sd_days = 6.0", "longest_interval_days = 40",
    ))  # fmt: skip
    interval = PictureSettings.of(pack).serial_interval
    assert interval[0] == 0
    assert interval.sum() == pytest.approx(1.0)
    assert interval @ np.arange(len(interval)) == pytest.approx(17.0, abs=0.2)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("serial_interval_days = 1.0", "statistics.serial_interval_days"),
        ("serial_interval_days = 25.0", "statistics.longest_interval_days"),
        ("replicates = 3", "statistics.replicates"),
        ("cluster_p = 1.0", "statistics.cluster_p"),
        ("density_every_s = 0", "statistics.density_every_s"),
        ('hotspot_days = "two"', "statistics.hotspot_days"),
        ("serial_intervall_days = 5.0", "statistics"),
    ],
)
def test_what_cannot_be_is_named(tmp_path, line, field):
    (found,) = check(with_statistics(tmp_path, line)).findings
    assert field in str(found)
    with pytest.raises((ValueError, GeoError)):
        load(with_statistics(tmp_path, line))
