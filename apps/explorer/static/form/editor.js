// The dialog that composes a command: fields from the request's schema, errors at their fields.

import { explain } from '../api/explain.js';
import { el, fill } from '../dom.js';
import { problem } from '../problem.js';
import { conflict } from './conflict.js';
import { bodyOf, fieldsOf, mergePatch, messagesByField, typedOf } from './fields.js';
import { clearErrors, fieldRow, inputFor, putIn, showError, typedIn } from './inputs.js';
import { preconditionField } from './precondition.js';

/** @typedef {Record<string, any>} Json */
/** @typedef {import('../api/client.js').Reply} Reply */
/** @typedef {import('../api/document.js').Command} Command */
/** @typedef {import('../item/item.js').Opened} Opened */
/** @typedef {import('../journey/follow.js').Order} Order */
/** @typedef {import('./fields.js').Field} Field */

/**
 * @typedef {object} Needs
 * @property {(order: Order) => Promise<Reply>} send Sends a command and follows it.
 * @property {() => void} sent Called after the dialog, when the command was accepted.
 * @property {(id: string) => Promise<Opened | null>} load
 * @property {() => Promise<boolean>} getToken
 */

/**
 * @param {Needs} needs
 * @returns {(command: Command, opened?: Opened) => void}
 *   Opens the dialog: for a new item, or to change one.
 */
export function editor(needs) {
  const dialog = el('dialog', { id: 'editor', 'aria-labelledby': 'editor-title' });
  document.body.append(dialog);
  return (command, opened) => {
    const inputs = compose(dialog, needs, command, opened ?? null);
    dialog.showModal();
    inputs[0]?.focus();
  };
}

/**
 * Fill the dialog for one command.
 *
 * @param {HTMLDialogElement} dialog
 * @param {Needs} needs
 * @param {Command} command
 * @param {Opened | null} opened
 */
function compose(dialog, needs, command, opened) {
  const form = fieldSet(fieldsOf(command.schema ?? {}), opened === null);
  const precondition = opened && preconditionField(opened.view.version);
  const trouble = el('div', { id: 'editor-problem', role: 'alert' });
  const button = el('button', { type: 'submit', id: 'send-button', class: 'primary' }, command.label);
  let current = opened;

  const body = () => (current ? mergePatch(form.asSent(current.view), form.body()) : form.body());

  async function submit() {
    clearErrors(dialog);
    fill(trouble);
    const toSend = body();
    if (current && Object.keys(toSend).length === 0) {
      fill(trouble, el('p', { class: 'problem' }, 'Nothing has changed yet: there is nothing to send.'));
      return;
    }
    button.disabled = true;
    const ifMatch = precondition?.ifMatch() ?? null;
    const key = crypto.randomUUID();
    const reply = await needs.send({ command, id: current?.id ?? '', body: toSend, key, ifMatch });
    button.disabled = false;
    if (!reply.ok) {
      refuse(reply, ifMatch);
      return;
    }
    dialog.close(); // which gives the focus back
    needs.sent();
  }

  /**
   * @param {Reply} reply
   * @param {string | null} ifMatch
   */
  function refuse(reply, ifMatch) {
    if (reply.status === 412) {
      fill(trouble, conflict(explain(reply), ifMatch, reply.headers.get('ETag'), reload));
    } else {
      const rest = form.showErrors(reply.body?.errors ?? []);
      const explanation = explain(reply);
      if (rest.length === 0 && form.isWrong()) explanation.text = 'Each field says what is wrong with it.';
      fill(trouble, problem(explanation, { getToken: newToken }), rest.map((text) => el('p', {}, text)));
    }
    trouble.scrollIntoView({ block: 'nearest' });
    form.focusOnError();
  }

  /** Take over the current version, and keep the changes that are in the form. */
  async function reload() {
    const loaded = current && (await needs.load(current.id));
    if (!loaded) return;
    const changes = body();
    current = loaded;
    form.show({ ...loaded.view, ...changes });
    precondition?.show(loaded.view.version);
    fill(trouble, el('p', {}, `The form is for ${loaded.etag} now, with your changes in it. Send them again.`));
    button.focus();
  }

  async function newToken() {
    if (!(await needs.getToken())) return;
    fill(trouble);
    button.focus();
  }

  const { example } = command;
  fill(
    dialog,
    el('h2', { id: 'editor-title' }, command.label),
    el('p', { class: 'hint' }, el('code', {}, `${command.method} ${command.path}`)),
    el(
      'form',
      {
        novalidate: true, // the service decides what is valid
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          submit();
        },
      },
      form.element,
      precondition?.element,
      trouble,
      el(
        'p',
        { class: 'buttons' },
        button,
        !opened &&
          example &&
          el('button', { type: 'button', id: 'example-button', onclick: () => form.show(example) }, 'Fill in an example'),
        el('button', { type: 'button', id: 'cancel-button', class: 'quiet', onclick: () => dialog.close() }, 'Cancel'),
      ),
    ),
  );
  if (opened) form.show(opened.view);
  return form.inputs;
}

/**
 * @param {Field[]} fields
 * @param {boolean} isNew
 */
function fieldSet(fields, isNew) {
  const inputs = new Map(fields.map((field) => [field.name, inputFor(field, isNew)]));
  const element = el(
    'div',
    { class: 'fields' },
    fields.map((field, index) => fieldRow(field, inputs.get(field.name), index === 0, isNew)),
  );
  const wrong = () => element.querySelector('[aria-invalid="true"]');
  return {
    element,
    inputs: [...inputs.values()],
    body: () => bodyOf(fields, Object.fromEntries([...inputs].map(([name, it]) => [name, typedIn(it)]))),
    /** @param {Json} object @returns {Json} What the form would send for it, unchanged. */
    asSent: (object) => bodyOf(fields, typedOf(fields, object)),
    /** @param {Json} object */
    show(object) {
      for (const [name, value] of Object.entries(typedOf(fields, object))) putIn(inputs.get(name), value);
    },
    /**
     * @param {readonly {pointer: string, message: string}[]} errors
     * @returns {readonly string[]} The messages that belong to no field.
     */
    showErrors(errors) {
      const messages = messagesByField(errors, fields);
      for (const [name, input] of inputs) showError(input, messages.get(name) ?? []);
      return messages.get('') ?? [];
    },
    isWrong: () => wrong() !== null,
    focusOnError() {
      const first = wrong();
      if (first instanceof HTMLElement) first.focus();
    },
  };
}
