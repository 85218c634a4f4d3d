"""Panels, language, address, keyboard: what a person does with the page."""

from __future__ import annotations

import itertools
import re


def address(page):
    """Give the address as the page has it; the browser's own report of it may come later."""
    return page.evaluate("location.href")


def test_the_page_asks_nobody_but_its_own_server_and_does_not_complain(visit, server):
    page = visit.open()
    page.wait_for_selector("#kpis .tile")
    page.wait_for_selector("#epicurve .main-svg")
    page.click("#lang")
    page.keyboard.press("2")
    page.wait_for_selector(".verdict")
    outside = [url for url in visit.requests if not url.startswith((server.url, "blob:", "data:"))]
    assert outside == []
    assert visit.complaints == []


def test_language_changes_at_once_and_goes_into_the_address(visit):
    page = visit.open()
    page.evaluate("window.mark = 1")
    assert page.inner_text('nav [data-page="system"]') == "系统"
    page.click("#lang")
    assert page.inner_text('nav [data-page="system"]') == "System"
    assert page.get_attribute("html", "lang") == "en"
    assert "lang=en" in address(page)
    page.wait_for_selector("#kpis .tile")
    assert "Passages" in page.inner_text("#kpis")
    assert page.evaluate("window.mark") == 1


def test_the_address_is_the_state(visit):
    page = visit.open("/?metric=in&minutes=60&show=density&c=114.3,30.6&z=11.5&theme=light")
    chosen = page.eval_on_selector_all(
        '.choice [aria-checked="true"]', "all => all.map((one) => one.dataset.value)"
    )
    assert chosen == ["in", "60", "density"]
    assert page.evaluate("hexline.map.map.getZoom()") == 11.5
    assert page.get_attribute("html", "data-theme") == "light"
    assert page.evaluate("hexline.wire.wanted") == {"res": 9, "metric": "in", "minutes": 60}


def test_every_metric_has_a_change_and_choosing_another_stays_with_it(visit):
    page = visit.open("/?show=change&metric=in")
    assert page.evaluate("hexline.wire.wanted.metric") == "change_in"
    page.wait_for_function("hexline.live.layer === hexline.wire.layer")
    page.click('#metric [data-value="fever"]')
    assert page.evaluate("hexline.wire.wanted.metric") == "change_fever"
    page.wait_for_function("hexline.live.layer === hexline.wire.layer && hexline.live.counted")
    page.click('#metric [data-value="passages"]')
    assert page.evaluate("hexline.wire.wanted.metric") == "change"
    assert "show=change" in address(page)


def test_the_page_is_of_now_and_a_moment_in_the_address_is_left_out(visit):
    page = visit.open("/?t=1586966400000")
    page.click('#minutes [data-value="60"]')
    assert "t=1586966400000" not in address(page)


def test_the_inspector_says_that_counts_are_simulated_and_that_channels_are_not_known(visit):
    page = visit.open("/?lang=en")
    first_hot_cell(page)
    page.locator(".hot").first.click()
    page.wait_for_selector('.inspector [data-kind="all"]')
    assert "by channel: not known" in page.inner_text(".inspector .facts")


def test_what_is_usual_in_a_city_is_not_in_the_address(visit):
    page = visit.open("/")
    addresses = page.evaluate("""async () => {
      const { parse, toAddress } = await import('/assets/js/state.js');
      const usual = { minutes: 60 };
      const again = (asked) => toAddress(parse(asked, '/', usual), usual);
      return ['', '?minutes=15', '?minutes=60'].map(again);
    }""")
    assert addresses == ["/", "/?minutes=15", "/"]


def test_nonsense_in_the_address_is_left_out(visit):
    page = visit.open("/?metric=x&minutes=-1&z=999&c=a,b&cell=%3Cscript%3E&show=1")
    assert page.evaluate("hexline.wire.wanted.metric") == "passages"
    assert page.evaluate("hexline.state.now.cell") is None


def test_what_only_looks_like_a_cell_does_not_keep_the_map_away(visit):
    page = visit.open("/?lang=en&cell=fffffffffffffff")
    assert page.get_attribute("html", "data-map") == "ready"
    page.wait_for_selector("#inspector :text('no record')")


def first_hot_cell(page):
    """Give the first of the list, which then stays as it is."""
    page.wait_for_selector(".hot")
    page.evaluate("hexline.hottest.take = () => {}")
    return page.locator(".hot").first.get_attribute("data-cell")


def test_inspector_says_what_the_map_says_and_back_closes_it(visit):
    page = visit.open()
    cell = first_hot_cell(page)
    page.locator(".hot").first.click()
    page.wait_for_selector(".inspector .now-value")
    assert f"cell={cell}" in address(page)
    assert page.inner_text(".inspector code") == cell
    assert page.locator(".inspector .near").count() in (5, 6)
    page.wait_for_selector(".now-value[data-code]")
    page.evaluate("hexline.wire.socket.onmessage = null")
    page.wait_for_function("hexline.live.counted && hexline.live.layer === hexline.live.newest")
    shown, on_map = page.evaluate(
        """cell => [document.querySelector('.now-value').dataset.code,
                    hexline.live.codes[hexline.live.table.indexOf(cell)]]""",
        cell,
    )
    assert int(shown) == on_map
    page.go_back()
    page.wait_for_selector("#inspector", state="hidden")
    assert "cell=" not in address(page)


def test_pointing_at_the_map_shows_the_cell_and_the_sum_of_its_area(visit):
    page = visit.open("/?lang=en&z=12&c=114.3,30.6")
    page.wait_for_function("hexline.live.anyKnown && hexline.live.table.res === 9")
    page.evaluate(
        """() => {
          const { map: { map }, live: { table, codes } } = hexline;
          const seen = codes.findIndex((code) => code < 65000);
          map.jumpTo({ center: table.centre(seen) });
          return new Promise((resolve) => { map.once('idle', resolve); });
        }"""
    )
    with page.expect_response(lambda answer: "/api/areas/" in answer.url) as asked:
        page.locator("#stage").hover()
    values = asked.value.json()["values"]
    page.wait_for_selector("#hover:not([hidden]) .swatch.area")
    area = page.evaluate("hexline.hover.last.area")
    row = page.locator("#hover .hover-row", has=page.locator(".swatch.area"))
    assert (area["name_en"] or area["name"]) in row.inner_text()
    value = values[area["area_id"]]["value"]
    said = row.locator("b.number").inner_text()
    assert said == (f"{value:,}" if isinstance(value, int) else value)
    assert page.locator("#hover .hover-row").count() == 2
    page.mouse.move(1, 1)
    page.wait_for_selector("#hover", state="hidden")


def test_search_finds_an_area_and_selects_it(visit, server):
    area = server.get("/api/search?q=1&n=8")["results"]
    wanted = next(found for found in area if found["kind"] == "area")
    page = visit.open()
    page.keyboard.press("/")
    page.keyboard.type(wanted["name"])
    page.wait_for_selector("#results [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_function("Boolean(hexline.state.now.area)")
    page.wait_for_selector(".inspector .now-value")


def test_keys_do_what_the_help_says(visit):
    page = visit.open()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    assert "metric=in" in address(page)
    before = page.evaluate("hexline.map.map.getCenter().lng")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => hexline.map.map.getCenter().lng > before", arg=before)
    page.keyboard.press("2")
    page.wait_for_selector("#system", state="visible")
    assert address(page).split("?")[0].endswith("/system")
    page.keyboard.press("1")
    page.wait_for_selector("#live", state="visible")
    page.keyboard.press("?")
    page.wait_for_selector("#help-panel", state="visible")
    page.keyboard.press("Escape")
    page.wait_for_selector("#help-panel", state="hidden")
    page.keyboard.press("w")
    page.wait_for_selector("nav", state="hidden")
    page.keyboard.press("Escape")
    page.wait_for_selector("nav", state="visible")


def test_system_page_adds_up_by_itself(visit):
    page = visit.open("/system", cells=False)
    page.wait_for_selector('.sum[data-topic="checkins"] .verdict')
    numbers = [
        int(re.sub(r"\D", "", text))
        for text in page.locator('.sum[data-topic="checkins"] .sum-part b').all_inner_texts()
    ]
    assert numbers[0] == sum(numbers[1:])
    # A wrong account is seen, whatever the server says of it.
    verdict = page.evaluate(
        """() => {
          const { system } = hexline;
          system.take({ ...system.status, read: system.status.read + 1 });
          return document.querySelector('.sum[data-topic="checkins"] .verdict').dataset.equal;
        }"""
    )
    assert verdict == "false"
    assert page.locator("#sum [data-skipped]").count() == 0
    page.evaluate("hexline.system.take({ ...hexline.system.status, skipped: 1234 })")
    assert "1,234" in page.inner_text("#sum [data-skipped]")


def test_system_page_tells_the_fields_at_fault_and_where_but_not_what_was_sent(visit):
    page = visit.open("/system?lang=en", cells=False)
    page.wait_for_selector("#rejects tbody tr")
    rows = page.eval_on_selector_all(
        "#rejects tbody tr", "all => all.map((row) => [...row.cells].map((one) => one.innerText))"
    )
    of_check_ins = [row for row in rows if row[2].startswith("checkins-")]
    assert [row[0] for row in of_check_ins] == ["lat", "direction"]
    assert of_check_ins[0][1] == "3"
    assert of_check_ins[0][2].split()[0] == "checkins-2-1029"
    assert any(row[2].startswith("cases-") for row in rows)
    assert "95" not in page.inner_text("#rejects")
    assert "secret" not in str(page.evaluate("hexline.system.status"))


def test_withheld_counts_are_never_numbers(visit):
    page = visit.open("/?minutes=1")
    page.wait_for_function("hexline.live.layer.layer === hexline.wire.layer.layer")
    said = page.evaluate(
        """async () => {
          const { written } = await import('/assets/js/legend.js');
          const { meaning } = await import('/assets/js/classes.js');
          return ['level', 'density', 'change'].map((show) => written(meaning(65534, show), show));
        }"""
    )
    assert said == ["<5", "<5", "<5"]


def test_simulated_data_are_always_labelled(visit):
    page = visit.open()
    page.wait_for_selector('[data-flag="simulated"]')
    page.keyboard.press("w")
    assert page.is_visible('[data-flag="simulated"]')


def test_wall_mode_tours_the_hot_spots_for_ever(visit):
    page = visit.open("/?wall=1")
    page.wait_for_selector("#cycle", state="visible")
    assert not page.is_visible("nav")
    assert not page.is_visible("#metric")
    seen, rows = page.evaluate(
        """() => {
          const spots = [];
          for (let i = 0; i < 12; i += 1) {
            hexline.wall.left = 1;
            hexline.wall.second();
            spots.push(hexline.wall.at);
          }
          return [spots, hexline.hottest.rows.length];
        }"""
    )
    assert len(set(seen)) == min(5, rows)
    assert all((b - a) % 5 == 1 for a, b in itertools.pairwise(seen))


def test_the_wall_says_at_least_and_the_number_of_now(visit):
    page = visit.open("/?wall=1&lang=en")
    page.wait_for_selector("#cycle:not([hidden])")
    said = page.evaluate(
        """() => {
          const { wall } = hexline;
          const rows = hexline.hottest.rows.map((row, i) => ({ ...row, value: 70 - i }));
          wall.spot = { ...rows[5], value: 4444 };
          wall.paint(rows.slice(0, 5), rows);
          const seen = [wall.box.querySelector('b.number').textContent];
          wall.paint([wall.spot], [{ ...rows[5], value: 65533 }]);
          return [...seen, wall.box.querySelector('b.number').textContent];
        }"""
    )
    assert said == ["65", "≥ 65,533"]


def test_small_curves_draw_nothing_over_a_gap(visit):
    page = visit.open()
    line, surface = page.evaluate(
        """async () => {
          const { pathOf, surfaceOf } = await import('/assets/js/sparkline.js');
          const values = ['<5', 3, 4, null, 5, 'x', 6, 7];
          return [pathOf, surfaceOf].map((draw) => draw(values, (i) => i, (v) => v, 9));
        }"""
    )
    assert line == "M1.0 3.0L2.0 4.0M4.0 5.0M6.0 6.0L7.0 7.0"
    run, point, end = "M1.0 3.0L2.0 4.0L2.0 9L1.0 9Z", "M4.0 5.0L4.0 9L4.0 9Z", "M6.0 6.0L7.0 7.0"
    assert surface == f"{run}{point}{end}L7.0 9L6.0 9Z"
