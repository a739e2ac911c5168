/** All entries of one merchant, checked on this device: which checks there were, and that none is left out. */
import { checkChain, checksOf, MAX_CHAIN_BYTES } from '../../merchant-chain.js';
import { $, h, pairs, show } from '../dom.js';
import { bytesFrom, saveAs, takeFiles } from '../files.js';
import { check, showError, valuesOf } from '../forms.js';
import { historyNotice, keyBox, meet } from '../logkey.js';
import { say, Problem, Trouble, Unreachable } from '../trouble.js';
import { _, code, day } from '../words.js';

const result = $('#result');
const place = $('#verdict');
let box = null;

async function begin() {
  box = await keyBox($('#key'));
  takeFiles($('#drop'), $('#file'), (file) => look(async () => {
    if (file.size > MAX_CHAIN_BYTES) throw new Trouble(_('The file is too large for a coverage proof.'));
    await prove(new Uint8Array(await file.arrayBuffer()));
  }));
  const form = $('#form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!check(form)) return;
    const merchant = valuesOf(form).merchant.toUpperCase();
    look(async () => {
      const file = await bytesFrom(`/api/merchants/${merchant}/chain`, { patience: 600_000 });
      await prove(new Uint8Array(await file.arrayBuffer()), file);
    });
  });
}

async function look(work) {
  show(result);
  show(place);
  $('#running').hidden = false;
  try {
    if (box.key === null) throw new Trouble(_('There is no key to check with: put in the ledger’s key above.'));
    await work();
  } catch (error) {
    const { title, detail } = say(error);
    show(place, historyNotice(error) ?? h('div', { class: 'notice bad', role: 'alert', 'data-proof': 'refused' },
      h('strong', {}, error instanceof Problem || error instanceof Trouble ? title : _('The proof does not hold')), h('p', {}, detail)));
  } finally {
    $('#running').hidden = true;
  }
  place.focus();
}

async function prove(bytes, file = null) {
  const { verifier } = box.key;
  const proved = await checkChain(bytes, verifier, ({ done, total }) => {
    $('#progress').max = total;
    $('#progress').value = done;
  });
  const { merchant, entries, checkpoint } = proved;
  const checks = checksOf(proved);
  show(place,
    h('div', { class: 'notice good', role: 'status', 'data-proof': 'holds' },
      h('strong', {}, _('The proof holds: up to entry {index} nothing of {merchant} was left out', { index: entries.at(-1).index, merchant })),
      h('p', {}, await newer(verifier, checkpoint))),
    h('h2', {}, _('{count} checks', { count: checks.length })),
    checks.length === 0 ? h('p', { class: 'notice wait' }, _('Nobody has ever checked this merchant, and the proof covers that.'))
      : h('ul', { class: 'cards' }, checks.map((one) => h('li', { class: `card ${one.takenBack === null ? '' : 'wait'}`, 'data-check': one.index },
        h('strong', {}, day(one.day)), ' · ', _('{count} findings', { count: one.findings }),
        h('p', { class: 'quiet' }, one.officers.map(({ holder, role }) => holder ?? code('role', role)).join('、'), ' · ', _('entry {index}', { index: one.index })),
        one.takenBack === null ? null : h('p', {}, _('Taken back by entry {index}', { index: one.takenBack }))))),
    pairs([[_('Merchant'), merchant], [_('Entries'), String(entries.length)], [_('Ledger'), checkpoint.origin], [_('State'), _('{size} entries', { size: checkpoint.size })]]),
    h('div', { class: 'notice wait' }, h('strong', {}, _('Not checked here')),
      h('ul', {},
        h('li', {}, _('That entry {index} is this merchant’s last in that state is the ledger’s signed claim. Any later entry of the merchant refutes it; “custody check-coverage --bundle” looks through all entries.', { index: entries.at(-1).index })),
        h('li', {}, _('Whether keys were given to the right people, or revoked: verify the whole ledger.')))),
    file === null ? null : h('div', { class: 'actions' }, h('button', { type: 'button', class: 'plain', onclick: () => saveAs(file, `${merchant}.chain`) }, _('Save the proof'))));
}

/** How far the ledger has gone on since. */
async function newer(verifier, { size }) {
  try {
    const { shown } = await meet(verifier);
    return shown.size > size ? _('The ledger has grown by {count} entries since: they are not in it.', { count: shown.size - size }) : _('That is the newest state of the ledger.');
  } catch (error) {
    if (error instanceof Unreachable) return _('Without a connection it cannot be said whether the ledger has gone on since.');
    throw error;
  }
}

begin().catch((error) => showError(result, error));
