"""Screens of every size, and browsers that cannot draw."""

from __future__ import annotations

import pytest

NO_WEBGL = """
const real = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return /webgl/.test(kind) ? null : real.call(this, kind, ...more);
};
"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_small_screen_has_no_sideways_scroll_and_shows_the_map_first(visits, lang):
    visit = visits(viewport={"width": 390, "height": 844})
    page = visit.open(f"/?lang={lang}")
    page.wait_for_selector("#kpis .tile")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    tops = page.evaluate(
        """["stage", "kpis", "rail"].map(
             (id) => document.getElementById(id).getBoundingClientRect().top)"""
    )
    assert tops == sorted(tops)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_desk_screen_needs_no_scroll_bars(visits, size, lang):
    visit = visits(viewport={"width": size[0], "height": size[1]})
    page = visit.open(f"/?lang={lang}")
    page.wait_for_selector("#kpis .tile")
    box = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight,"
        " document.getElementById('kpis').getBoundingClientRect().right]"
    )
    assert box[0] <= size[0]
    assert box[1] <= size[1]
    # Nothing of a tile runs over its edge.
    over = page.eval_on_selector_all(
        ".tile", "all => all.filter((tile) => tile.scrollWidth > tile.clientWidth + 1).length"
    )
    assert over == 0


def test_without_webgl_lists_and_figures_go_on(visits):
    visit = visits()
    visit.page.add_init_script(NO_WEBGL)
    page = visit.open(cells=False)
    assert page.get_attribute("html", "data-map") == "none"
    page.wait_for_selector("#areas tbody tr")
    page.wait_for_selector("#kpis .tile")
    page.wait_for_selector(".hot")
    before = page.evaluate("hexline.live.frames")
    page.wait_for_function("before => hexline.live.frames > before", arg=before)
    assert "WebGL" in page.inner_text("#notice")


def test_without_webgl_the_areas_are_asked_for_until_they_come(visits):
    visit = visits()
    visit.page.add_init_script(NO_WEBGL)
    failed = []

    def fail_once(route):
        if failed:
            route.continue_()
        else:
            failed.append(route.request.url)
            route.abort()

    visit.page.route("**/api/areas/*.geojson", fail_once)
    page = visit.open(cells=False)
    page.wait_for_selector("#areas tbody tr")
    assert len(failed) == 1
