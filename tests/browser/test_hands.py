"""What hands meet: keys, input methods, what is focused or selected while figures move."""

from __future__ import annotations

import json


def test_on_other_pages_the_keys_of_the_map_are_the_browsers(visit):
    page = visit.open("/methods")
    page.wait_for_selector("#methods-page h1")
    page.evaluate(
        "addEventListener('keydown', (event) => { window.kept = event.defaultPrevented; })"
    )
    before = page.evaluate("hexline.map.map.getCenter().toString() + hexline.state.now.metric")
    for key in ("ArrowDown", "ArrowRight", "+", "m", "v", "0"):
        page.keyboard.press(key)
        assert page.evaluate("window.kept") is False
    after = page.evaluate("hexline.map.map.getCenter().toString() + hexline.state.now.metric")
    assert after == before
    assert page.evaluate("hexline.map.map.isMoving()") is False
    page.keyboard.press("2")
    assert page.url.split("?")[0].endswith("/system")


def test_a_page_opened_beside_the_map_shows_the_city_on_the_map_later(visit):
    page = visit.open("/system")
    page.keyboard.press("1")
    page.wait_for_selector("#map", state="visible")
    assert page.evaluate("hexline.map.map.getZoom()") > 7


def test_a_page_opens_in_a_tab_of_its_own(visit):
    page = visit.open()
    with visit.context.expect_page() as opened:
        page.click("nav [data-page=system]", modifiers=["Control"])
    assert opened.value.url.split("?")[0].endswith("/system")
    assert page.is_visible("#live")


def find(name: str, area: str) -> str:
    """Write an answer of the search: one area that has no outline."""
    found = {"kind": "area", "id": area, "name": name, "name_en": name, "detail": ""}
    return json.dumps({"results": [{**found, "lng": None, "lat": None}]})


def hold(page, pattern):
    """Keep what is asked for until it is answered by hand."""
    held = []

    def keep(route):
        held.append(route)

    page.route(pattern, keep)
    return held


def test_enter_chooses_what_was_typed_and_never_a_find_of_before(visit, server):
    first, second = (f["id"] for f in server.get("/api/search?q=1&n=8")["results"][:2])
    page = visit.open()
    page.route("**/api/search?q=a&*", lambda route: route.fulfill(body=find("of a", first)))
    held = hold(page, "**/api/search?q=ab&*")
    centre = page.evaluate("hexline.map.map.getCenter().toString()")
    page.keyboard.press("/")
    page.keyboard.press("a")
    page.wait_for_selector("#results [role=option]")
    with page.expect_request("**/api/search?q=ab&*"):
        page.keyboard.press("b")
        page.keyboard.press("Enter")
    assert page.evaluate("hexline.state.now.area") is None
    page.wait_for_function("hexline.search.isEntered")
    held[0].fulfill(body=find("of ab", second))
    page.wait_for_function("area => hexline.state.now.area === area", arg=second)
    assert page.is_hidden("#results")
    # An area without an outline is nowhere: the map stays.
    assert page.evaluate("hexline.map.map.getCenter().toString()") == centre


def test_finds_that_come_after_the_field_was_left_do_not_open(visit):
    page = visit.open()
    held = hold(page, "**/api/search?*")
    page.keyboard.press("/")
    with page.expect_request("**/api/search?*"):
        page.keyboard.press("a")
    page.evaluate("document.activeElement.blur()")
    held[0].fulfill(body=find("of a", "1"))
    page.wait_for_function("hexline.search.results.length === 1")
    assert page.is_hidden("#results")
    page.keyboard.press("/")
    assert page.is_visible("#results")
    assert page.evaluate("hexline.search.at") == 0


def test_enter_within_an_input_method_chooses_nothing(visit):
    page = visit.open()
    page.route("**/api/search?*", lambda route: route.fulfill(body=find("of a", "1")))
    page.keyboard.press("/")
    page.keyboard.press("a")
    page.wait_for_selector("#results [role=option]")
    page.evaluate(
        """() => {
          for (const key of ['Enter', 'ArrowDown', 'Escape']) {
            const pressed = { key, isComposing: true, bubbles: true, cancelable: true };
            document.activeElement.dispatchEvent(new KeyboardEvent('keydown', pressed));
          }
        }"""
    )
    assert page.evaluate("[hexline.search.field.value, hexline.state.now.area]") == ["a", None]
    assert page.is_visible("#results")


def test_whoever_goes_by_key_stays_where_they_were(visit):
    page = visit.open()
    page.focus("[data-kpi=fever]")
    page.evaluate("hexline.kpis.paint()")
    assert page.evaluate("document.activeElement.dataset.kpi") == "fever"
    page.locator(".hot").first.click()
    page.wait_for_selector(".inspector .near")
    page.focus(".inspector .copy")
    page.evaluate("hexline.inspector.paint()")
    assert page.evaluate("document.activeElement.className") == "icon copy"


def test_a_key_of_a_reject_can_be_copied(visit):
    page = visit.open("/system", cells=False)
    page.wait_for_selector("#rejects tbody tr")
    key = page.evaluate(
        """() => {
          const code = document.querySelector('#rejects tbody tr td:nth-child(3) code');
          getSelection().selectAllChildren(code);
          hexline.system.paint();
          return [getSelection().toString(), code.isConnected];
        }"""
    )
    assert key == ["checkins-2-1029", True]
    page.evaluate(
        "getSelection().removeAllRanges(); window.row = document.querySelector('#rejects tr')"
    )
    page.wait_for_function("!window.row.isConnected")


def test_the_pointer_tells_its_cell_also_when_another_table_is_shown(visit):
    page = visit.open("/?c=114.3,30.6&z=12.5")
    page.wait_for_function("hexline.live.anyKnown && hexline.live.table.res === 9")
    hit = page.evaluate(
        """() => {
          const { table, codes } = hexline.live;
          const index = codes.findIndex((code) => code > 0 && code < 65000);
          return { cell: table.id(index), index };
        }"""
    )
    assert page.evaluate("hit => hexline.hover.cell(hit) !== null", hit)
    page.evaluate("hexline.map.map.jumpTo({ zoom: 8.5 })")
    page.wait_for_function("hexline.live.table.res === 7")
    assert page.evaluate("hit => hexline.hover.cell({ ...hit, index: 0 })", hit) is None


def test_a_server_that_cannot_answer_is_not_told_as_no_statistics(open_layer, pictured):
    page = open_layer("risk", "&lang=en")
    cell = page.evaluate("hexline.picture.lists.risk.rows[0].cell")
    page.route("**/api/picture/cell/*", lambda route: route.fulfill(status=503, body="{}"))
    with page.expect_response("**/api/picture/cell/*"):
        page.evaluate("cell => hexline.state.go({ cell })", cell)
    assert "No statistics" not in page.inner_text("#picture")
    assert "Reading" in page.inner_text("#picture")
    page.unroute("**/api/picture/cell/*")
    page.wait_for_selector("#picture .risk-part")


def test_going_back_brings_the_theme_of_the_address(visit):
    page = visit.open("/?theme=dark")
    page.evaluate("hexline.state.go({ page: 'system' })")
    page.keyboard.press("d")
    assert page.get_attribute("html", "data-theme") == "light"
    page.go_back()
    page.wait_for_selector("#live", state="visible")
    assert page.get_attribute("html", "data-theme") == "dark"
