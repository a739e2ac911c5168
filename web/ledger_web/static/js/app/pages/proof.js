/**
 * One entry checked on this device: from a proof file, from a paste, by its number, or by the label of a batch.
 *
 * A file needs no server at all. Its checkpoint is held against what this device remembers; with a connection also
 * whether the two are states of one history.
 */
import { utf8 } from '../../bytes.js';
import { checkProof, MAX_PROOF_BYTES } from '../../proof.js';
import { ask } from '../api.js';
import { consistency } from '../checkpoint.js';
import { $, h, pairs, show } from '../dom.js';
import { bytesFrom, saveAs, takeFiles } from '../files.js';
import { check, showError } from '../forms.js';
import { historyNotice, keyBox, remembering } from '../logkey.js';
import { scanInto } from '../scan.js';
import { identity } from '../holders.js';
import { Problem, say, Trouble, Unreachable } from '../trouble.js';
import { _, code, moment } from '../words.js';

const result = $('#result');
const place = $('#verdict');
let box = null;

async function begin() {
  box = await keyBox($('#key'));
  takeFiles($('#drop'), $('#file'), (file) => look(async () => {
    if (file.size > MAX_PROOF_BYTES) throw new Trouble(_('The file is too large for a proof of one entry.'));
    await prove(new Uint8Array(await file.arrayBuffer()));
  }));
  scanInto($('#photo'), (text) => look(() => fromText(text)), (error) => showError(result, error));
  const form = $('#form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (check(form)) look(() => fromText($('#text').value.replace(/^\s+/, '')));
  });
  const asked = new URL(location.href).searchParams;
  if (asked.has('entry')) await look(() => fromServer(asked.get('entry')));
}

async function look(work) {
  show(result);
  show(place);
  try {
    if (box.key === null) throw new Trouble(_('There is no key to check with: put in the ledger’s key above.'));
    await work();
  } catch (error) {
    const { title, detail } = say(error);
    show(place, historyNotice(error) ?? h('div', { class: 'notice bad', role: 'alert', 'data-proof': 'refused' },
      h('strong', {}, error instanceof Problem || error instanceof Trouble ? title : _('The proof does not hold')), h('p', {}, detail)));
  }
  place.focus();
}

/** A proof as text, the number of an entry, or what a label says. */
async function fromText(text) {
  if (text.startsWith('c2sp.org/')) return prove(utf8(text.replace(/\r\n/g, '\n').replace(/\n*$/, '\n')));
  const number = /^(?:第\s*)?(\d{1,15})\s*(?:条)?$/.exec(text.trim());
  if (number) return fromServer(number[1]);
  const batch = batchOf(text.trim());
  if (batch === null) throw new Trouble(_('This is neither a proof, nor a number, nor a batch of the ledger.'));
  return fromBatch(batch);
}

/** The batch that a label names, or that was typed. */
function batchOf(text) {
  if (!/^https?:/.test(text)) return /^[^\s/?#]{1,64}$/.test(text) ? text : null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const named = /\/b\/([^/]+)\/?$/.exec(url?.pathname ?? '');
  return named ? decodeURIComponent(named[1]) : (url?.searchParams.get('batch') ?? null);
}

async function fromServer(index) {
  const me = await identity();
  if (me === null) throw new Trouble(_('Entries are read by enrolled devices. A proof file can be checked by anybody.'));
  const proof = await bytesFrom(`/proof/${index}`);
  await prove(new Uint8Array(await proof.arrayBuffer()), proof);
}

/** The receipt of a batch, for those who may read it; else the page that is open to all. */
async function fromBatch(batch) {
  const page = `/b/${encodeURIComponent(batch)}`;
  if ((await identity()) === null) return location.assign(page);
  try {
    const { data } = await ask(`/api/batches/${encodeURIComponent(batch)}`);
    await fromServer(String(data.origin.index));
    place.append(h('div', { class: 'actions' }, h('a', { class: 'button', href: `/trace/${encodeURIComponent(batch)}` }, _('Trace')),
      h('a', { class: 'button plain', href: page }, _('Page behind the label'))));
  } catch (error) {
    if (!(error instanceof Problem) || ![403, 404].includes(error.status)) throw error;
    location.assign(page);
  }
  return undefined;
}

async function prove(bytes, file = null) {
  const { verifier } = box.key;
  const { entry, checkpoint } = await checkProof(bytes, verifier);
  const compared = await compare(verifier, checkpoint);
  const { kind, merchant, occurred_at: occurred, body } = entry.statement;
  show(place,
    h('div', { class: 'notice good', role: 'status', 'data-proof': 'holds' },
      h('strong', {}, _('The proof holds: this is entry {index} of {origin}', { index: entry.index, origin: checkpoint.origin })),
      h('p', {}, _('It stands in the signed state of {size} entries, byte for byte as shown here.', { size: checkpoint.size })),
      h('p', {}, compared)),
    pairs([
      [_('What'), code('kind', kind)], ...(merchant ? [[_('Merchant'), merchant]] : []),
      [_('Happened'), moment(occurred)], [_('Recorded'), moment(entry.recorded_at)],
      [_('Signed by'), h('div', {}, entry.signatures.map(({ keyid }) => h('div', {}, h('code', {}, `${keyid.slice(0, 16)}…`))))],
    ]),
    h('details', {}, h('summary', {}, _('The entry')), h('pre', { tabindex: '0' }, JSON.stringify(body, null, 1))),
    h('div', { class: 'notice wait' }, h('strong', {}, _('Not checked here')),
      h('p', {}, _('Whether its authors’ signatures are theirs, and whether they were entitled to say this: their keys stand in other entries. Verifying the whole ledger checks both.'))),
    file === null ? null : h('div', { class: 'actions' }, h('button', { type: 'button', class: 'plain', onclick: () => saveAs(file, `entry-${entry.index}.tlog-proof`) }, _('Save the proof'))));
}

/** Held against what this device remembers. Throws `HistoryChanged` when both cannot be states of one history. */
async function compare(verifier, checkpoint) {
  const memory = remembering(verifier);
  if ((await memory.latest()) === null) return _('This device remembers no other state to compare it with.');
  try {
    await memory.advance(checkpoint.note, consistency);
    return _('It is a state of the same history that this device has verified before.');
  } catch (error) {
    if (error instanceof Unreachable || (error instanceof Problem && error.passing)) {
      return _('Without a connection it could not be compared with the history this device has verified.');
    }
    if (error instanceof Problem) throw new Trouble(_('The server cannot show that this state and the one this device has verified belong to one history: keep the proof and tell an auditor.'), { cause: error });
    throw error;
  }
}

begin().catch((error) => showError(result, error));
