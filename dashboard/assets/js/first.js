// Before the first paint: language, theme and wall mode from the address or the last visit; the
// map before the charts; and what the server says before anybody listens.
(() => {
  const asked = new URLSearchParams(location.search);
  const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const browser = (navigator.language || 'zh').toLowerCase().startsWith('zh') ? 'zh' : 'en';
  const root = document.documentElement;
  root.dataset.lang = asked.get('lang') || kept('lang') || browser;
  root.lang = root.dataset.lang === 'en' ? 'en' : 'zh-CN';
  root.dataset.theme = asked.get('theme') || kept('theme') || 'dark';
  root.dataset.wall = asked.get('wall') === '1' ? '1' : '0';

  // Dash waits for what stands in this name before it draws a chart. The library is large: were it
  // read first, the map would come a second later. Loaded, it puts itself in the promise's place.
  const LATEST_MS = 15_000;
  window.Plotly = new Promise((resolve) => {
    const load = () => {
      clearTimeout(late);
      watcher.disconnect();
      document.head.append(Object.assign(document.createElement('script'), { src: '/assets/vendor/plotly-basic.min.js', onload: resolve, onerror: resolve }));
    };
    const watcher = new MutationObserver(load);
    watcher.observe(root, { attributeFilter: ['data-map'] });
    const late = setTimeout(load, LATEST_MS);
  });

  // The first answer may be here before the war room is: it is said again to who opens.
  let told = null;
  const keep = ({ detail }) => { told = detail ?? told; };
  document.addEventListener('hexline:now', keep);
  document.addEventListener('hexline:open', () => {
    document.removeEventListener('hexline:now', keep);
    if (told) document.dispatchEvent(new CustomEvent('hexline:now', { detail: told }));
  }, { once: true });
})();
