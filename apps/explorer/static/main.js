// The explorer: reads what the API is, and puts the parts of the page together.

import { client } from './api/client.js';
import { readApi, urlOf } from './api/document.js';
import { explain } from './api/explain.js';
import { browse } from './browse/browse.js';
import { cell } from './cell.js';
import { commands } from './commands.js';
import { byId, fill } from './dom.js';
import { itemPanel } from './item/item.js';
import { draw } from './journey/lanes.js';
import { placeInAddress } from './place.js';
import { problem } from './problem.js';
import { themeButton } from './theme.js';
import { tokenButton, tokenDialog } from './token/dialog.js';

/** @typedef {import('./api/document.js').Api} Api */

const token = cell(/** @type {import('./token/tokens.js').Token | null} */ (null));
const send = client(() => token.get()?.text ?? null);

/** @returns {Promise<{api: Api, about: import('./token/dialog.js').About}>} */
async function read() {
  const link = document.querySelector('link[rel="service-desc"]');
  const url = /** @type {HTMLLinkElement} */ (link).href;
  const [description, about] = await Promise.all([send('GET', url), send('GET', '/explorer.json')]);
  for (const reply of [description, about]) if (!reply.ok) throw reply;
  return { api: readApi(description.body, url), about: about.body };
}

async function start() {
  const { api, about } = await read();
  nameThePage(api);
  const place = placeInAddress(['q', 'sort', ...api.listing.filters.map(({ name }) => name)]);
  const getToken = tokenDialog({ about, scopes: api.scopes, token });
  tokenButton(token, getToken);

  const hasToken = () => token.get() !== null;
  const { create, revise, remove, resend } = commands({
    api,
    send,
    hasToken,
    getToken,
    changed(id) {
      listing.load();
      if (place.get().id === id) item.show(id);
      else place.set({ ...place.get(), id });
    },
  });
  const listing = browse({ api, send, place });
  const item = itemPanel({
    api,
    send,
    hasToken,
    getToken,
    revise,
    remove,
    close() {
      const { id } = place.get();
      place.set({ ...place.get(), id: null });
      listing.focus(id);
    },
  });

  let open = place.get().id;
  place.watch(({ id }) => {
    if (id === open) return;
    open = id;
    item.show(id, { focus: listing.hasFocus() });
  });
  token.watch(() => item.show(open));
  byId('create-button').addEventListener('click', create);
  byId('resend-button').addEventListener('click', resend);

  byId('workbench').hidden = false;
  item.show(open);
  listing.load();
  document.documentElement.dataset.ready = 'true';
}

/** @param {Api} api */
function nameThePage(api) {
  document.title = api.title;
  byId('wordmark').textContent = api.title;
  const button = /** @type {HTMLButtonElement} */ (byId('create-button'));
  button.textContent = api.create?.label ?? '';
  button.hidden = !api.create;
  button.disabled = false;
  if (!api.docs) return;
  const link = /** @type {HTMLAnchorElement} */ (byId('docs-link'));
  link.href = urlOf(api, api.docs);
  link.textContent = 'API docs';
}

themeButton(byId('theme-button'));
draw(null);
start().catch((reason) => {
  fill(byId('page-problem'), problem(explain(reason), { again: () => location.reload() }));
});
