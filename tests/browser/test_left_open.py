"""A page that is left open: over a lost graphics card, a lost line, a pause, another city."""

from __future__ import annotations

import json

LOSE = """async () => {
  const { map } = hexline;
  const loss = map.map.painter.context.gl.getExtension('WEBGL_lose_context');
  window.before = map.cells;
  window.lost = () => loss.loseContext();
  window.found = () => loss.restoreContext();
  const lost = new Promise((resolve) => { map.map.once('webglcontextlost', resolve); });
  loss.loseContext();
  await lost;
}"""
DRAWN = """() => new Promise((resolve) => {
  hexline.map.cells.afterDraw(() => resolve(hexline.map.map.getLayersOrder()));
  hexline.live.draw();
})"""


def test_cells_come_back_after_the_graphics_card_lost_them(visit):
    page = visit.open()
    page.evaluate(LOSE)
    frames = page.evaluate("hexline.live.frames")
    page.wait_for_function("before => hexline.live.frames > before + 1", arg=frames)
    page.evaluate("window.found()")
    page.wait_for_function(
        "hexline.map.cells && hexline.map.cells !== window.before && hexline.map.cells.map"
    )
    order = page.evaluate(DRAWN)
    assert order[-1] == page.evaluate("hexline.map.cells.id")
    assert order[:2] == ["ground", "land"]


def test_cells_of_old_data_stay_faded_whichever_come_on_the_map(visit):
    page = visit.open("/?c=114.3,30.6&z=8.6")
    page.evaluate("hexline.chip.hub('waiting')")
    assert page.evaluate("hexline.map.cells.look.dimmed") > 0.5
    page.evaluate("hexline.map.map.jumpTo({ zoom: 12.5 })")
    page.wait_for_function(
        "hexline.live.table.res === 9 && hexline.map.table === hexline.live.table"
    )
    assert page.evaluate("hexline.map.cells.look.dimmed") > 0.5
    page.evaluate("hexline.chip.hub('live')")
    page.wait_for_function("hexline.map.cells.look.dimmed === 0")


def cut(page):
    """Cut the line and keep it cut."""
    page.evaluate("hexline.wire.url = 'ws://127.0.0.1:9/ws'; hexline.wire.socket.close()")
    page.wait_for_selector('#chip[data-state="lost"]')
    page.wait_for_function("hexline.live.layer === hexline.live.newest && hexline.live.counted")


def test_counts_keep_their_name_while_others_are_asked_for_and_do_not_come(visit):
    page = visit.open("/?lang=en&c=114.3,30.6&z=12.5")
    page.wait_for_function("hexline.live.anyKnown && hexline.live.table.res === 9")
    cut(page)
    cell = page.evaluate(
        "hexline.live.table.id(hexline.live.codes.findIndex((code) => code > 0 && code < 65000))"
    )
    code = page.evaluate("cell => hexline.live.codes[hexline.live.table.indexOf(cell)]", cell)
    page.keyboard.press("m")
    page.wait_for_function("hexline.state.now.metric === 'in'")
    assert page.inner_text("#legend .legend-head b") == "Passages · last 15 min"
    page.evaluate("cell => hexline.state.go({ cell })", cell)
    page.wait_for_selector(".now-value[data-code]")
    assert page.inner_text(".now-name") == "Passages · last 15 min"
    assert page.get_attribute(".now-value", "data-code") == str(code)
    page.evaluate("hexline.state.set({ metric: 'passages', show: 'change' })")
    assert page.inner_text("#legend .legend-head span") == "per cell"
    assert page.inner_text(".now-value").startswith(f"{code:,}")


def test_density_needs_no_new_frame(visit):
    page = visit.open("/?lang=en")
    page.wait_for_function("hexline.live.anyKnown")
    cut(page)
    page.evaluate("hexline.state.set({ show: 'density' })")
    assert page.inner_text("#legend .legend-head span") == "per km²"
    assert page.evaluate(
        """async () => {
          const { toDensity } = await import('/assets/js/classes.js');
          const { codes, layer, table } = hexline.live;
          return codes.join() === toDensity(layer.values, table.km2).join();
        }"""
    )


def test_density_of_some_is_never_none_and_of_at_least_so_many_is_at_least(visit):
    page = visit.open()
    codes, means = page.evaluate(
        """async () => {
          const { toDensity } = await import('/assets/js/classes.js');
          const counts = new Uint16Array([0, 1, 50, 65533, 65534, 65535]);
          const live = { codes: [13107], as: { show: 'density' }, coded: [1, 2, 3, 4, 5, 6],
                         layer: { values: [65533], marks: [0] } };
          return [[...toDensity(counts, counts.map(() => 5))], hexline.live.at.call(live, 0).means];
        }"""
    )
    assert codes == [0, 1, 10, 13107, 65534, 65535]
    assert means == {"number": 13107, "clipped": True}


def test_another_city_or_least_count_on_the_same_address_loads_the_page_anew(visit):
    page = visit.open("/?minutes=60&c=114.3,30.6&z=12")
    city = page.evaluate("hexline.city")
    loads = page.evaluate(
        """async (city) => {
          const { followCity } = await import('/assets/js/edition.js');
          let loads = 0;
          await followCity(city, () => { loads += 1; });
          return loads;
        }""",
        {**city, "simulated": not city["simulated"]},
    )
    assert loads == 0
    other = json.dumps({**city, "k": 7})
    page.route("**/api/city", lambda route: route.fulfill(body=other))
    page.evaluate("window.mark = 1; hexline.hub = 'of before'; hexline.wire.socket.close()")
    page.wait_for_function("!window.mark && globalThis.hexline?.live.counts")
    assert page.evaluate("[hexline.city.k, hexline.state.now.minutes]") == [7, 60]
    assert "c=114" in page.url
    page.unroute("**/api/city")
    page.evaluate("window.mark = 1; hexline.city.id = 'elsewhere'; hexline.hub = 'of before'")
    page.evaluate("hexline.wire.socket.close()")
    page.wait_for_function("!window.mark && globalThis.hexline?.live.counts")
    assert page.evaluate("hexline.city.k") == city["k"]
    page.wait_for_function("!location.search.includes('114.3000,30.6000')")


def test_a_browser_that_may_keep_nothing_hears_all_the_same(visit):
    page = visit.open()
    page.evaluate(
        """() => {
          Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('no'); } });
          document.documentElement.dataset.edition = 'of before';
          hexline.hear({ hello: { edition: 'newer', state: 'waiting', tables: {} } });
        }"""
    )
    assert page.get_attribute("#chip", "data-state") == "stale"


def test_a_table_that_is_older_than_the_one_spoken_of_is_fetched_again(visit):
    page = visit.open()
    fetched = page.evaluate(
        """async () => {
          const { Tables } = await import('/assets/js/table.js');
          const answer = (mark) => {
            const buffer = new ArrayBuffer(32);
            new Uint8Array(buffer)[8] = mark;
            new DataView(buffer).setUint16(2, 9, true);
            return { ok: true, arrayBuffer: async () => buffer };
          };
          let asked = 0;
          const tables = new Tables(async () => {
            asked += 1;
            if (asked === 1) tables.expect({ 9: { hash: '0200000000000000' } });
            return answer(asked);
          });
          const seen = [];
          for (let i = 0; i < 3; i += 1) seen.push((await tables.get(9)).hash.slice(0, 2));
          return seen;
        }"""
    )
    assert fetched == ["01", "02", "02"]


def test_up_to_when_a_log_is_read_is_told_with_its_day(visit):
    page = visit.open("/?lang=en")
    today, before = page.evaluate(
        """() => {
          const { chip } = hexline;
          const now = chip.replay ? chip.arrivalMs : Date.now() - chip.aheadMs;
          return [chip.moment(now), chip.moment(now - 3 * 86400000)];
        }"""
    )
    assert len(today) == len("14:05")
    assert before.endswith(today)
    assert any(letter.isalpha() for letter in before)


def test_an_arrival_ahead_of_a_clock_that_was_set_back_has_no_age(visit):
    page = visit.open("/?lang=en")
    ages = page.evaluate(
        """() => [1000, -5000, 3600000].map((aheadMs) => hexline.system.age.call(
          { clock: () => 1e12, live: { city: { clock: 'live' } } }, 1e12 + aheadMs))"""
    )
    assert ages == ["0.0 s", "5.0 s", "—"]


def test_large_answers_have_the_time_that_a_slow_line_needs(visit):
    page = visit.open()
    waits = page.evaluate(
        """async () => {
          const { Tables } = await import('/assets/js/table.js');
          const { readAreas } = await import('/assets/js/areas.js');
          const { ask } = await import('/assets/js/dom.js');
          const waits = [];
          const real = AbortSignal.timeout;
          AbortSignal.timeout = (ms) => { waits.push(ms); return real.call(AbortSignal, ms); };
          await new Tables().get(9);
          await readAreas(hexline.city.levels[0].id);
          await ask('/api/city');
          return waits;
        }"""
    )
    large, areas, small = waits[0], waits[1], waits[-1]
    assert large == areas >= 120_000
    assert small <= 15_000


def test_what_is_asked_for_already_is_not_asked_again(visit):
    page = visit.open("/?layer=risk")
    page.wait_for_function("hexline.kpis.tiles")
    asked = page.evaluate(
        """async () => {
          const real = dash_clientside.set_props;
          const asked = [];
          dash_clientside.set_props = (id, props) => { asked.push([id, props]); real(id, props); };
          const { askCharts } = await import('/assets/js/charts.js');
          const choice = { res: 8, metric: 'in', minutes: 15, lang: 'en', theme: 'dark' };
          for (const change of [{}, {}, {}, { minutes: 60 }, {}]) {
            await askCharts({ ...choice, ...change });
          }
          dash_clientside.set_props = real;
          return asked.filter(([id]) => id === 'choice').map(([, props]) => props.data.minutes);
        }"""
    )
    assert asked == [15, 60, 15]
