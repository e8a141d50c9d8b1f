// The choice of a colour scheme. It is applied before the page is painted.

const KEY = 'explorer-theme';

/** @type {Readonly<Record<string, string>>} What follows on each choice. */
const NEXT = { system: 'light', light: 'dark', dark: 'system' };

/** @returns {string} The choice that is kept, `system` without one. */
function chosen() {
  const kept = localStorage.getItem(KEY) ?? 'system';
  return kept in NEXT ? kept : 'system';
}

/** @param {string} theme */
function apply(theme) {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
}

/**
 * Let a button go through the choices.
 *
 * @param {HTMLElement} button
 */
export function themeButton(button) {
  const show = () => {
    button.setAttribute('aria-label', `Theme: ${chosen()}`);
    button.title = `Theme: ${chosen()}`;
  };
  button.addEventListener('click', () => {
    const next = NEXT[chosen()];
    localStorage.setItem(KEY, next);
    apply(next);
    show();
  });
  show();
}

apply(chosen());
