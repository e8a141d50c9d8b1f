// A value that others watch.

/**
 * @template T
 * @typedef {object} Cell
 * @property {() => T} get
 * @property {(value: T) => void} set Calls all watchers.
 * @property {(watcher: (value: T) => void) => void} watch
 */

/**
 * @template T
 * @param {T} value
 * @returns {Cell<T>}
 */
export function cell(value) {
  /** @type {((value: T) => void)[]} */
  const watchers = [];
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const watcher of watchers) watcher(next);
    },
    watch: (watcher) => void watchers.push(watcher),
  };
}
