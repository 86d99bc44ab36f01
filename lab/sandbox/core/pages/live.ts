/**
 * Replaces what is in `#live` by what the page says now: at each event of the stream `data-events`, or every
 * `data-every` milliseconds until the page no longer asks for it. What the reader folded or unfolded stays so.
 */
export const LIVE = `
'use strict';
(() => {
  const live = () => document.getElementById('live');
  let busy = false, again = false;
  const update = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const response = await fetch(location.href, { redirect: 'manual' });
      if (response.type === 'opaqueredirect') { location.reload(); return; }
      const text = (await response.text()).replace(/<style[^]*?<\\/style>/, '');
      const next = new DOMParser().parseFromString(text, 'text/html').getElementById('live');
      if (!next) return;
      const folds = [...live().querySelectorAll('details[id]')];
      live().replaceWith(document.adoptNode(next));
      for (const { id, open } of folds) {
        const same = document.getElementById(id);
        if (same) same.open = open;
      }
    } catch {
    } finally {
      busy = false;
      if (again) { again = false; setTimeout(update, 100); } else arm();
    }
  };
  const arm = () => { if (live()?.dataset.every) setTimeout(update, Number(live().dataset.every)); };
  const events = live()?.dataset.events;
  if (events) new EventSource(events).onmessage = update;
  arm();
})();
`
