// Before the first paint: language, theme and wall mode from the address or the last visit.
(() => {
  const asked = new URLSearchParams(location.search);
  const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const browser = (navigator.language || 'zh').toLowerCase().startsWith('zh') ? 'zh' : 'en';
  const root = document.documentElement;
  root.dataset.lang = asked.get('lang') || kept('lang') || browser;
  root.lang = root.dataset.lang === 'en' ? 'en' : 'zh-CN';
  root.dataset.theme = asked.get('theme') || kept('theme') || 'dark';
  root.dataset.wall = asked.get('wall') === '1' ? '1' : '0';
})();
