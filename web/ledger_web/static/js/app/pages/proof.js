/**
 * One entry checked on this device: from a proof file, from a paste, by its number, or by the label of a batch.
 *
 * A file needs no server at all. Its checkpoint is held against what this device remembers; its authors' signatures are
 * verified by the keys that other proved entries gave out: files given together with it, ones verified here before, or
 * asked for. With a connection also whether the states are of one history.
 */
import { checkAuthors } from '../../authors.js';
import { utf8 } from '../../bytes.js';
import { words } from '../../errors.js';
import { checkProof, MAX_PROOF_BYTES } from '../../proof.js';
import { ask } from '../api.js';
import { $, h, pairs, show } from '../dom.js';
import { showError } from '../forms.js';
import { Grants } from '../grants.js';
import { open, proving, refusal, saving } from '../proving.js';
import { scanInto } from '../scan.js';
import { identity } from '../session.js';
import { Problem, Trouble } from '../trouble.js';
import { _, code, language, moment } from '../words.js';

const result = $('#result');
const place = $('#verdict');
let page = null;

async function begin() {
  page = await proving({
    most: MAX_PROOF_BYTES,
    tooLarge: _('The file is too large for a proof of one entry.'),
    prove,
    submitted: () => fromText($('#text').value.replace(/^\s+/, '')),
  });
  scanInto($('#photo'), (text) => page.look(() => fromText(text)), (error) => showError(result, error));
  const asked = new URL(location.href).searchParams;
  if (asked.has('entry')) await page.look(() => fromServer(asked.get('entry')));
}

/** A proof as text, the number of an entry, or what a label says. */
async function fromText(text) {
  if (text.startsWith('c2sp.org/')) return prove([{ bytes: utf8(text.replace(/\r\n/g, '\n').replace(/\n*$/, '\n')) }]);
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
  await page.fetched(`/proof/${index}`);
}

/** The receipt of a batch, for those who may read it; else the page that is open to all. */
async function fromBatch(batch) {
  const open = `/b/${encodeURIComponent(batch)}`;
  if ((await identity()) === null) return location.assign(open);
  try {
    const { data } = await ask(`/api/batches/${encodeURIComponent(batch)}`);
    await fromServer(String(data.origin.index));
    place.append(h('div', { class: 'actions' }, h('a', { class: 'button', href: `/trace/${encodeURIComponent(batch)}` }, _('Trace')),
      h('a', { class: 'button plain', href: open }, _('Page behind the label'))));
  } catch (error) {
    if (!(error instanceof Problem) || ![403, 404].includes(error.status)) throw error;
    location.assign(open);
  }
  return undefined;
}

/** All the proofs given at once: keys that some of them give out are those by which others were signed. */
async function prove(files) {
  const grants = new Grants(page.verifier, (checkpoint) => page.compared(checkpoint));
  const held = [];
  for (const { bytes, blob } of files) {
    const { entry, checkpoint } = await checkProof(bytes, page.verifier);
    const compared = await page.compared(checkpoint);
    held.push({ entry, checkpoint, compared, blob, gives: await grants.learn(bytes, entry) });
  }
  const shown = held.filter(({ gives }) => !gives);
  const parts = [];
  for (const one of shown.length ? shown : held) parts.push(...(await judged(one, grants)));
  show(place, parts);
}

/** What one proof shows; signatures that are not their authors' are said beside what does hold. */
async function judged(held, grants) {
  const { entry, checkpoint, compared, blob } = held;
  let authors = [];
  let wrong = null;
  try {
    authors = await checkAuthors(entry, await grants.of(entry));
  } catch (error) {
    if (!['SignatureInvalid', 'NotAuthorised', 'ProofError'].includes(error.code)) throw error;
    wrong = refusal(error);
  }
  const unknown = authors.filter(({ given }) => given === null);
  const faulty = authors.filter(({ fault }) => fault !== null);
  const sound = wrong === null && unknown.length === 0 && faulty.length === 0;
  const tone = wrong !== null || faulty.length ? 'bad' : sound ? 'good' : 'wait';
  const { kind, merchant, occurred_at: occurred, body } = entry.statement;
  return [
    wrong,
    h('div', { class: `notice ${tone}`, role: 'status', 'data-proof': 'holds', 'data-authors': wrong ? 'wrong' : faulty.length ? 'faulty' : sound ? 'verified' : 'unverified' },
      h('strong', {}, _('The proof holds: this is entry {index} of {origin}', { index: entry.index, origin: checkpoint.origin })),
      h('p', {}, _('It stands in the signed state of {size} entries, byte for byte as shown here.', { size: checkpoint.size })),
      h('p', {}, compared),
      sound ? h('p', {}, _('Its authors signed it: every signature was verified by a key that the ledger had given out before.')) : null,
      unknown.length ? h('p', {}, _('Authors’ signatures were NOT verified: only the ledger’s key vouches for this entry.')) : null),
    pairs([
      [_('What'), code('kind', kind)], ...(merchant ? [[_('Merchant'), merchant]] : []),
      [_('Happened'), moment(occurred)], [_('Recorded'), moment(entry.recorded_at)],
    ]),
    authors.length ? h('h2', {}, _('Authors')) : null,
    authors.length ? h('ul', { class: 'cards' }, authors.map(author)) : null,
    h('details', {}, h('summary', {}, _('The entry')), h('pre', { tabindex: '0' }, JSON.stringify(body, null, 1))),
    open(_('Not checked here'), notChecked(authors, unknown), { 'data-open': '' }),
    saving([
      ...(blob ? [[_('Save the proof'), blob, `entry-${entry.index}.tlog-proof`]] : []),
      ...authors.filter(({ given }) => given?.proof).map(({ given }) => [_('Save the grant of the key (entry {index})', { index: given.entry }), new Blob([given.proof]), `entry-${given.entry}.tlog-proof`]),
    ]),
  ];
}

/** Who signed, as the ledger granted the key. */
function author({ keyid, given, fault }) {
  const short = h('code', {}, `${keyid.slice(0, 16)}…`);
  if (given === null) return h('li', { class: 'card wait', 'data-author': 'unknown' }, h('strong', {}, _('Said to be signed by a key that is not known here')), h('p', {}, short));
  const whom = [code('role', given.role), given.scope === '*' ? null : given.scope, given.holder].filter(Boolean).join(' · ');
  return h('li', { class: `card ${fault === null ? '' : 'bad'}`, 'data-author': fault === null ? 'verified' : 'faulty' },
    h('strong', {}, _('Signature verified: {whom}', { whom })),
    fault === null ? null : h('p', { class: 'short' }, words(fault, language)),
    h('p', {}, _('Key {keyid} was given out by entry {index}.', { keyid: `${keyid.slice(0, 16)}…`, index: given.entry }), ' ',
      given.proof ? _('That entry was proved here as well.') : null));
}

function notChecked(authors, unknown) {
  const revoked = authors.map(({ given }) => given).filter(Boolean);
  return [
    ...(unknown.length ? [_('The signatures of {count} authors. Give the proof of the entry that granted the key together with this one (“custody prove”), or check it with “custody check-proof --grant”.', { count: unknown.length })] : []),
    ...(revoked.length ? [revoked.every((one) => one.revoked !== undefined)
      ? _('That no key had been revoked before, and who granted them could: the server says so, and only all entries prove it.')
      : _('Whether a key had been revoked before, and who granted it could: only all entries show it.')] : []),
    ...(revoked.some(({ role }) => role === 'supervisor') ? [_('Whether the merchant was in the supervisor’s grid then.')] : []),
    _('Whether what it says is so, keeps its form, and fits with the other entries: verify the whole ledger (“custody verify”).'),
  ];
}

begin().catch((error) => showError(result, error));
