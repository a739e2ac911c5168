/**
 * What pages have in common on which a file is checked: the ledger's key, a place for files, and what came of it in words.
 *
 *     const page = await proving({ most: MAX_PROOF_BYTES, tooLarge: _('…'), prove: (bytes) => … })
 *     await page.look(() => page.fetched('/proof/7'))
 *     await page.compared(checkpoint)           // 'same history', or an alarm
 *
 * A checkpoint that a file brings with it is held against what this device remembers before anything is called proved.
 */
import { holdAgainst } from './checkpoint.js';
import { $, h, show } from './dom.js';
import { bytesFrom, saveAs, takeFiles } from './files.js';
import { check } from './forms.js';
import { historyNotice, keyBox, meet, remembering } from './logkey.js';
import { Problem, say, Trouble, Unreachable } from './trouble.js';
import { _ } from './words.js';

/** See above. `prove(files)` gets `[{ bytes, blob }]`; `submitted` is called when the form is sent and in order. */
export async function proving({ most, tooLarge, prove, submitted }) {
  const page = new Page(await keyBox($('#key')), prove);
  takeFiles($('#drop'), $('#file'), (files) => page.look(async () => {
    if (files.some(({ size }) => size > most)) throw new Trouble(tooLarge);
    await prove(await Promise.all(files.map(bytesOf)));
  }));
  const form = $('#form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (check(form)) page.look(submitted);
  });
  return page;
}

const bytesOf = async (blob) => ({ bytes: new Uint8Array(await blob.arrayBuffer()), blob });

class Page {
  #box;
  #prove;

  constructor(box, prove) {
    this.#box = box;
    this.#prove = prove;
  }

  get verifier() {
    return this.#box.key.verifier;
  }

  /** Do this work, and say what is wrong if it fails. */
  async look(work) {
    const [place, running] = [$('#verdict'), $('#running')];
    show($('#result'));
    show(place);
    if (running) running.hidden = false;
    try {
      if (this.#box.key === null) throw new Trouble(_('There is no key to check with: put in the ledger’s key above.'));
      await work();
    } catch (error) {
      show(place, refusal(error));
    } finally {
      if (running) running.hidden = true;
    }
    place.focus();
  }

  /** Check what the server gives. */
  async fetched(path, options) {
    return this.#prove([await bytesOf(await bytesFrom(path, options))]);
  }

  /** Hold a checkpoint against what this device remembers: a sentence. Throws `HistoryChanged` when it is another history. */
  async compared({ note }) {
    const memory = remembering(this.verifier);
    if ((await memory.latest()) === null) {
      await memory.advance(note, () => []);
      return _('This device remembered no other state to compare it with. It remembers this one from now on.');
    }
    try {
      await holdAgainst(memory, note);
      return _('It is a state of the same history that this device has verified before.');
    } catch (error) {
      if (isPassing(error)) return _('Without a connection it could not be compared with the history this device has verified.');
      if (error instanceof Problem) throw new Trouble(_('The server cannot show that this state and the one this device has verified belong to one history: keep the proof and tell an auditor.'), { cause: error });
      throw error;
    }
  }

  /** By how many entries the ledger has gone on since a state; `null` if nobody can be asked. */
  async grownSince({ size }) {
    try {
      const { shown } = await meet(this.verifier);
      return Math.max(0, shown.size - size);
    } catch (error) {
      if (isPassing(error)) return null;
      throw error;
    }
  }
}

/** Whether nothing was judged: nobody answered, or not now. */
export const isPassing = (error) => error instanceof Unreachable || (error instanceof Problem && error.passing);

/** Why a proof does not hold, or why there is none. */
export function refusal(error) {
  const { title, detail } = say(error);
  return historyNotice(error) ?? h('div', { class: 'notice bad', role: 'alert', 'data-proof': 'refused' },
    h('strong', {}, error instanceof Problem || error instanceof Trouble ? title : _('The proof does not hold')), h('p', {}, detail));
}

/** A box with a heading and a list of what stands open. */
export const open = (title, items, more = {}) => h('div', { class: 'notice wait', ...more }, h('strong', {}, title), h('ul', {}, items.map((one) => h('li', {}, one))));

/** Buttons that save files: `[[words, blob, name]]`. */
export const saving = (files) => (files.length === 0 ? null : h('div', { class: 'actions' }, files.map(([words, blob, name]) => h('button', { type: 'button', class: 'plain', onclick: () => saveAs(blob, name) }, words))));
