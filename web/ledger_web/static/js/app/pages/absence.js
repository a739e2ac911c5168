/**
 * All entries of one merchant, checked on this device: which checks there were, and that none is left out.
 *
 * What is proved, what the ledger only claims, and from when on nothing is said stand apart, as in
 * `custody check-coverage`: the claim that an entry is the merchant's last is tried against what the server has, and those
 * who may read all entries can have it proved from them.
 */
import { checkAll, checkChain, checksOf, MAX_CHAIN_BYTES } from '../../merchant-chain.js';
import { checkProof } from '../../proof.js';
import { httpSource } from '../../source.js';
import { send } from '../api.js';
import { $, h, pairs, show } from '../dom.js';
import { bytesFrom } from '../files.js';
import { showError, valuesOf } from '../forms.js';
import { isPassing, open, proving, refusal, saving } from '../proving.js';
import { identity, signIn } from '../session.js';
import { Problem, Trouble } from '../trouble.js';
import { _, code, day, moment } from '../words.js';

const result = $('#result');
const place = $('#verdict');
const READS_ALL = ['auditor', 'operator'];
let page = null;

async function begin() {
  page = await proving({
    most: MAX_CHAIN_BYTES,
    tooLarge: _('The file is too large for a coverage proof.'),
    prove,
    submitted: () => page.fetched(`/api/merchants/${valuesOf($('#form')).merchant.toUpperCase()}/chain`, { patience: 600_000 }),
  });
}

function progress({ done, total }) {
  $('#progress').max = total;
  $('#progress').value = done;
}

async function prove([{ bytes, blob }]) {
  const proved = await checkChain(bytes, page.verifier, progress);
  const { checkpoint } = proved;
  const compared = await page.compared(checkpoint);
  const later = await laterEntry(proved);
  if (later !== null && later.index < checkpoint.size) return show(place, falseClaim(proved, later, blob));
  const grown = await page.grownSince(checkpoint);
  const readsAll = READS_ALL.includes((await identity())?.role);
  return show(place, verdict(proved, compared), claim(proved, readsAll), since(proved, grown, later), checksShown(checksOf(proved)),
    pairs([[_('Merchant'), proved.merchant], [_('Entries'), String(proved.entries.length)], [_('Ledger'), checkpoint.origin], [_('State'), _('{size} entries', { size: checkpoint.size })]]),
    open(_('Not checked here'), [_('Whether keys were given to the right people, or revoked: verify the whole ledger.')]),
    saving([[_('Save the proof'), blob, `${proved.merchant}.chain`]]));
}

function verdict({ merchant, entries, checkpoint }, compared) {
  const last = entries.at(-1);
  return h('div', { class: 'notice good', role: 'status', 'data-proof': 'holds' },
    h('strong', {}, _('The proof holds: up to entry {index} nothing of {merchant} was left out', { index: last.index, merchant })),
    h('p', {}, _('Proved: these {count} entries stand in the signed state of {size} entries, from the merchant’s first to entry {index}, recorded {time}; each follows on the one before and is signed by a key given out before.', { count: entries.length, size: checkpoint.size, index: last.index, time: moment(last.recorded_at) })),
    h('p', {}, compared));
}

/** That the last entry listed is the last: claimed by the ledger, or proved from all entries. */
function claim(proved, readsAll) {
  const { entries, checkpoint } = proved;
  const values = { index: entries.at(-1).index, size: checkpoint.size };
  const box = open(_('Claimed by the ledger, not proved'), [
    _('That entry {index} is this merchant’s last among {size}, and that there is no second chain: the ledger has signed that, and any later entry refutes it. “custody check-coverage --bundle” looks through all entries.', values),
  ], { 'data-claim': 'claimed' });
  if (readsAll) {
    const button = h('button', { type: 'button', class: 'plain', id: 'prove-last', onclick: () => fromAll(proved, box, button, values) }, _('Prove it from all {size} entries', values));
    box.append(button);
  }
  return box;
}

async function fromAll(proved, box, button, values) {
  button.disabled = true;
  $('#running').hidden = false;
  try {
    await signIn();
    await checkAll(proved, httpSource(`${location.origin}/`), { onProgress: progress });
    const shown = h('div', { class: 'notice good', role: 'status', 'data-claim': 'proved' },
      h('strong', {}, _('It is the last: proved from all {size} entries', values)));
    box.replaceWith(shown);
  } catch (error) {
    box.replaceWith(refusal(error));
  } finally {
    $('#running').hidden = true;
  }
}

/** What has come since the state of the proof: nothing of it is proved. */
function since({ checkpoint: { size } }, grown, later) {
  if (grown === null) return h('p', { class: 'notice wait', 'data-since': 'unknown' }, _('As of {size} entries. Without a connection it cannot be said whether the ledger has gone on since.', { size }));
  if (grown === 0) return h('p', { class: 'notice good', 'data-since': 'newest' }, _('As of {size} entries: that is the newest state of the ledger.', { size }));
  return h('div', { class: 'notice wait', 'data-since': later === null ? 'others' : 'later' },
    h('strong', {}, _('As of {size} entries. Nothing is proved of the {count} entries since.', { size, count: grown })),
    h('p', {}, later === null
      ? _('The server names no later entry of this merchant: that is its word. A new proof covers them.')
      : _('The merchant has a later entry, {index}, recorded {time}: it is not in this proof. Have a new one made.', { index: later.index, time: moment(later.recorded_at) })));
}

/** The merchant's next entry as the server has it, proved to be in the ledger; `null` if it names none or is not asked. */
async function laterEntry({ merchant, entries }) {
  if ((await identity()) === null) return null;
  try {
    const { entries: [found] } = await send('GET', `/api/entries?merchant=${merchant}&from=${entries.at(-1).index + 1}&limit=1`);
    if (found === undefined) return null;
    const bytes = new Uint8Array(await (await bytesFrom(`/proof/${found.index}`)).arrayBuffer());
    const { entry, checkpoint } = await checkProof(bytes, page.verifier);
    await page.compared(checkpoint);
    if (entry.statement.merchant !== merchant) return null;
    return { index: entry.index, recorded_at: entry.recorded_at, proof: new Blob([bytes]) };
  } catch (error) {
    if (isPassing(error) || error instanceof Problem || error instanceof Trouble) return null;
    throw error;
  }
}

/** The log signed that there is no such entry, and there is one: both files prove it. */
function falseClaim({ merchant, entries, checkpoint }, { index, proof }, blob) {
  return [
    h('div', { class: 'notice bad', role: 'alert', 'data-proof': 'refused', 'data-claim': 'false' },
      h('strong', {}, _('The ledger has signed a false claim')),
      h('p', {}, _('It claims that entry {last} is the last of {merchant} among {size}. Entry {index} is the merchant’s too. Keep both files, they prove it, and tell an auditor.', { last: entries.at(-1).index, merchant, size: checkpoint.size, index }))),
    saving([[_('Save the proof'), blob, `${merchant}.chain`], [_('Save the entry that refutes it'), proof, `entry-${index}.tlog-proof`]]),
  ];
}

function checksShown(checks) {
  return h('section', {}, h('h2', {}, _('{count} checks', { count: checks.length })),
    checks.length === 0 ? h('p', { class: 'notice wait' }, _('Nobody has ever checked this merchant, and the proof covers that.'))
      : h('ul', { class: 'cards' }, checks.map((one) => h('li', { class: `card ${one.takenBack === null ? '' : 'wait'}`, 'data-check': one.index },
        h('strong', {}, day(one.day)), ' · ', _('{count} findings', { count: one.findings }),
        h('p', { class: 'quiet' }, one.officers.map(({ holder, role }) => holder ?? code('role', role)).join('、'), ' · ', _('entry {index}', { index: one.index })),
        one.takenBack === null ? null : h('p', {}, _('Taken back by entry {index}', { index: one.takenBack }))))));
}

begin().catch((error) => showError(result, error));
