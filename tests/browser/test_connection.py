"""What happens when the line, the server or the machine goes to sleep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.servers import Server, free_port


@pytest.fixture
def own_server():
    running = Server(free_port())
    running.start()
    yield running
    running.kill()


def test_page_says_the_server_is_gone_and_comes_back_by_itself(visits, own_server):
    visit = visits(own_server.url)
    page = visit.open()
    page.evaluate("window.mark = 1")
    own_server.kill()
    page.wait_for_selector('#chip[data-state="lost"]')
    assert page.is_visible("#notice")
    assert page.inner_text("#say") != ""
    own_server.start()
    page.wait_for_selector('#chip:not([data-state="lost"])')
    before = page.evaluate("hexline.live.frames")
    page.wait_for_function("before => hexline.live.frames > before", arg=before)
    assert page.evaluate("window.mark") == 1


def test_after_sleep_a_dead_socket_is_replaced(visit):
    page = visit.open()
    page.evaluate(
        """() => {
          const { wire } = hexline;
          window.dead = wire.socket;
          wire.socket.onmessage = null;
          wire.lastHeard -= 600000;
          dispatchEvent(new Event('focus'));
        }"""
    )
    page.wait_for_function("hexline.wire.socket && hexline.wire.socket !== window.dead")
    before = page.evaluate("hexline.live.frames")
    page.wait_for_function("before => hexline.live.frames > before", arg=before)


def test_a_missing_frame_asks_for_a_snapshot(visit):
    page = visit.open()
    answer = page.evaluate(
        """async () => {
          const { Layer } = await import('/assets/js/wire.js');
          const layer = new Layer(1);
          const snapshot = {
            kind: 0, seq: 7, values: new Uint16Array([1, 2]), marks: new Uint8Array(2),
          };
          const delta = (seq) => ({
            kind: 1, seq, n: 1, indexes: new Uint32Array([1]),
            values: new Uint16Array([9]), marks: new Uint8Array(1),
          });
          return [
            layer.take(delta(1)), layer.take(snapshot), layer.take(delta(8)), [...layer.values],
            layer.take(delta(8)), layer.take(delta(10)), layer.take({ kind: 2, seq: 8 }),
          ];
        }"""
    )
    assert answer == [False, True, True, [1, 9], False, False, True]


def test_waits_double_up_to_eight_seconds_with_jitter(visit):
    page = visit.open()
    waits = page.evaluate(
        """async () => {
          const { waitMs } = await import('/assets/js/wire.js');
          return [0, 1, 2, 3, 4, 5, 50].map((n) => [waitMs(n, () => 0), waitMs(n, () => 1)]);
        }"""
    )
    middles = [(low + high) / 2 for low, high in waits]
    assert middles == [500, 1000, 2000, 4000, 8000, 8000, 8000]
    assert all(low < high for low, high in waits)


def test_chip_states_follow_the_age_of_the_data(visit):
    page = visit.open()
    states = page.evaluate(
        """async () => {
          const { stateOf } = await import('/assets/js/chip.js');
          const well = { lost: false, hub: 'live', replay: false, ageS: 0 };
          const cases = [
            {}, { ageS: 3 }, { ageS: 15 }, { replay: true }, { replay: true, ageS: 20 },
            { lost: true }, { hub: 'loading' }, { hub: 'empty' }, { hub: 'waiting' },
            { hub: 'catching', ageS: 9999 }, { hub: 'stalled' }, { ageS: null },
          ];
          return cases.map((change) => stateOf({ ...well, ...change }));
        }"""
    )
    assert states == [
        "live", "late", "stale", "replay", "stale", "lost", "loading", "empty", "stale",
        "catching", "stale", "stale",
    ]  # fmt: skip


def uncounted(*options: str) -> Iterator[Server]:
    """Serve a city of which nothing is counted."""
    running = Server(free_port(), module="tests.browser.empty_city", options=options)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def empty_server():
    yield from uncounted()


def test_a_city_without_check_ins_says_so_and_what_to_do(visits, empty_server):
    visit = visits(empty_server.url)
    page = visit.open(cells=False)
    page.wait_for_selector('#chip[data-state="empty"]')
    page.wait_for_selector('#notice[data-kind="empty"]')
    assert "./hexline" in page.inner_text("#notice")
    page.wait_for_selector("#kpis .tile")
    # Nothing known is a dash, never a zero.
    assert page.inner_text('[data-kpi="passages"] .tile-value') == "—"
    assert visit.complaints == []


@pytest.fixture
def unread_server():
    yield from uncounted("--unread", "400000")


# What is said as a count on the live page: figures, list, legend, and both charts.
SAID_AS_ZERO = """() => {
  const boxes = '#kpis .tile-value, #kpis .tile-delta, #hottest, #legend .legend-count, #areas';
  const words = [...document.querySelectorAll(boxes)]
    .flatMap((box) => box.innerText.split(/\\s+/));
  const drawn = [...document.querySelectorAll('#hour, #epicurve')]
    .map((box) => (box.data ? box : box.querySelector('.js-plotly-plot')))
    .flatMap((chart) => (chart?.data ?? []).flatMap(({ y }) => [...(y ?? [])]));
  const isZero = (word) => /^[+-]?0([.,]0+)?%?$/.test(word);
  return [...words.filter(isZero), ...drawn.filter((y) => y === 0)];
}"""


def test_a_log_that_is_not_read_yet_is_not_told_as_no_data(visits, unread_server):
    visit = visits(unread_server.url)
    page = visit.open("/?lang=en", cells=False)
    page.wait_for_selector('#chip[data-state="catching"]')
    page.wait_for_selector('#notice[data-kind="catching"]')
    # facts come with the status, every two seconds
    page.wait_for_function("document.getElementById('notice').innerText.includes('400,000')")
    assert "0.0% read" in page.inner_text("#chip")
    page.wait_for_selector("#kpis .tile")
    assert page.inner_text('[data-kpi="passages"] .tile-value') == "—"
    assert page.evaluate(SAID_AS_ZERO) == []
    assert visit.complaints == []


@pytest.fixture
def stalled_server():
    # the minute after which reading has stalled is over in two seconds
    yield from uncounted("--unread", "400000", "--pace", "30")


def test_a_log_that_nobody_reads_for_a_minute_is_told_as_stalled(visits, stalled_server):
    visit = visits(stalled_server.url)
    page = visit.open("/?lang=en", cells=False)
    page.wait_for_selector('#notice[data-kind="stalled"]')
    page.wait_for_selector("#kpis .tile")
    assert page.get_attribute("#chip", "data-state") == "stale"
    assert page.evaluate(SAID_AS_ZERO) == []
    assert visit.complaints == []


@pytest.fixture
def catching_server():
    yield from uncounted("--unread", "400000", "--a-second", "2000")


SHARE_READ = "parseFloat(document.getElementById('chip-complete').innerText.replace(/^\\D*/, ''))"
MORE_IS_READ = f"before => {SHARE_READ} > before"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_log_of_which_nothing_is_counted_yet_says_how_far_it_is_read(
    visits, catching_server, lang
):
    visit = visits(catching_server.url)
    page = visit.open(f"/?lang={lang}", cells=False)
    page.wait_for_selector('#notice[data-kind="catching"]')
    shares = [0.0]
    for _ in range(3):
        page.wait_for_function(MORE_IS_READ, arg=shares[-1])
        shares.append(page.evaluate(SHARE_READ))
        assert page.evaluate(SAID_AS_ZERO) == []
    assert 0 < shares[1] < shares[2] < shares[3] <= 100
    page.wait_for_function("/[1-9][0-9.]*\\s?%/.test(document.getElementById('notice').innerText)")
    assert page.inner_text('[data-kpi="passages"] .tile-value') == "—"
    assert visit.complaints == []


SLOW_ANSWERS = """
  const ask = window.fetch;
  window.fetch = async (...request) => {
    const answer = await ask(...request);
    const slow = String(request[0]?.url ?? request[0]).includes('_dash-update-component');
    if (slow) await new Promise((resolve) => { setTimeout(resolve, 4000); });
    return answer;
  };
  window.told = 0;
  document.addEventListener('hexline:now', ({ detail }) => { window.told += Boolean(detail); });
"""


def test_figures_go_on_when_every_answer_takes_longer_than_the_page_rests(visit):
    visit.context.add_init_script(SLOW_ANSWERS)
    page = visit.open()
    page.wait_for_function("window.told >= 3")


ONE_EARLY_ANSWER = """
  const real = window.fetch;
  let n = 0;
  const told = new Promise((resolve) => {
    document.addEventListener('hexline:now', ({ detail }) => detail && resolve());
  });
  window.fetch = async (what, more) => {
    const url = String(what.url ?? what);
    if (url.includes('_dash-update-component') && n++) await new Promise(() => {});
    if (url.includes('/api/city')) await told;
    return real(what, more);
  };
"""


def test_an_answer_that_comes_before_the_war_room_is_there_is_shown(visit):
    visit.context.add_init_script(ONE_EARLY_ANSWER)
    page = visit.open()
    page.wait_for_selector("#kpis .tile-value")
    page.wait_for_selector("#hottest .hot")


def test_unanswered_refresh_is_asked_again_and_at_once_when_the_line_is_back(visit):
    page = visit.open()
    asked = page.evaluate(
        """async () => {
          const { Refresh } = await import('/assets/js/refresh.js');
          const waits = [];
          const real = window.setTimeout;
          window.setTimeout = (_, ms) => { waits.push(ms); return 0; };
          const refresh = new Refresh(() => waits.push('asked'));
          refresh.answered(); refresh.ask(); refresh.ask(); refresh.back(); refresh.answered();
          window.setTimeout = real;
          return waits;
        }"""
    )
    rest, patience = 2000, 15_000
    once, again = ["asked", patience], ["asked", 2 * patience]
    assert asked == [patience, rest, *once, *again, *once, rest]


def test_a_page_left_open_over_an_upgrade_loads_itself_anew_once(visit):
    page = visit.open("/?minutes=60")
    loads = page.evaluate(
        """async () => {
          const { follow } = await import('/assets/js/edition.js');
          const { edition } = document.documentElement.dataset;
          let loads = 0;
          const seen = [];
          for (const served of [edition, undefined, 'newer', 'newer', 'newest']) {
            follow(served, () => { loads += 1; });
            seen.push(loads);
          }
          return seen;
        }"""
    )
    assert loads == [0, 0, 1, 1, 2]
    page.evaluate("window.mark = 1; document.documentElement.dataset.edition = 'of before'")
    page.evaluate("sessionStorage.clear(); hexline.wire.socket.close()")
    page.wait_for_function("!window.mark && globalThis.hexline?.live.counts")
    assert page.evaluate("hexline.state.now.minutes") == 60
