"""Classes of counts: each scale has six rising breaks, and a city is shown in its own."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cities.pack import load
from dashboard.api.city import CityFacts
from dashboard.hub.classes import SCALES
from dashboard.hub.statistics import panels
from dashboard.hub.statistics.fold import PictureView


@pytest.mark.parametrize("busyness", SCALES)
def test_breaks_rise_and_the_first_is_a_count_that_may_be_shown(busyness):
    scale = SCALES[busyness]
    sixes = [six for windows in scale.counts.values() for six in windows.values()]
    for six in [*sixes, *scale.per_km2.values()]:
        assert len(six) == 6
        assert all(below < above for below, above in pairwise(six))
    assert min(six[0] for six in sixes) >= 5


def test_a_quiet_city_is_shown_in_classes_of_its_own():
    shown = {
        name: CityFacts(load(name), lambda: False).body()["breaks"] for name in ("nyc", "wuhan")
    }
    assert shown["nyc"]["name"] == "passages-quiet-v1"
    assert shown["wuhan"]["name"] == "passages-v2"
    assert shown["nyc"]["counts"]["7"]["60"][0] < shown["wuhan"]["counts"]["7"]["60"][0]


def test_its_layer_of_density_has_the_breaks_of_its_hour():
    settings = load("nyc").statistics
    layers = panels.overview(PictureView(), settings, SCALES["quiet"])["layers"]
    density = next(layer for layer in layers if layer["id"] == "density")
    assert density["breaks"] == list(SCALES["quiet"].per_km2[60])
