/** The page behind a label: what may be public of a batch, and the proof that its entry stands in the ledger. */
import { partOfPath } from '../address.js';
import { fromHex, toHex } from '../../bytes.js';
import { checkLeaf } from '../../proof.js';
import { request, send } from '../api.js';
import { $, h, pairs, show } from '../dom.js';
import { showError } from '../forms.js';
import { historyNotice, keyBox, meet } from '../logkey.js';
import { identity } from '../holders.js';
import { Problem, say } from '../trouble.js';
import { _, code, language } from '../words.js';

const result = $('#result');
const batch = partOfPath(-1);
const countries = new Intl.DisplayNames([language === 'zh' ? 'zh-CN' : 'en'], { type: 'region' });

async function begin() {
  const found = await send('GET', `/api/public/batches/${encodeURIComponent(batch)}`, undefined, { signedIn: false });
  const { proof } = found;
  show($('#goods'), goods(found));
  $('#proof').hidden = false;
  const box = await keyBox($('#key'), (key) => prove(proof, key));
  if (box.key === null) show($('#verdict'), h('p', { class: 'notice wait' }, _('Without the ledger’s key nothing is proved here.')));
  if ((await identity()) !== null) {
    $('#goods').append(h('p', {}, h('a', { class: 'button plain', href: `/trace/${encodeURIComponent(batch)}` }, _('Trace (for those who may see it)'))));
  }
}

function goods(found) {
  const days = [['production_date', _('Produced')], ['best_before', _('Best before')]];
  return [
    h('h2', { class: 'goods' }, found.name),
    found.recalled ? h('p', { class: 'notice bad', 'data-state': 'recalled' }, h('strong', {}, _('Recalled: do not buy, sell or eat it.'))) : null,
    found.sealed ? h('p', { class: 'notice bad', 'data-state': 'sealed' }, h('strong', {}, _('Sealed by the supervision: it may not be moved or sold.'))) : null,
    found.taken_back ? h('p', { class: 'notice bad', 'data-state': 'taken-back' }, h('strong', {}, _('The record of this batch was taken back: the label no longer counts.'))) : null,
    pairs([
      [_('Batch'), found.batch],
      [_('Kind'), code('goods_class', found.goods_class)],
      ...(found.origin_country ? [[_('Origin'), countries.of(found.origin_country)]] : []),
      ...(found.brand ? [[_('Brand'), found.brand]] : []),
      ...(found.specification ? [[_('Specification'), found.specification]] : []),
      ...days.filter(([name]) => found[name]).map(([name, words]) => [words, found[name]]),
      ...(found.lot ? [[_('Lot'), found.lot]] : []),
      ...(found.gtin ? [[_('Barcode number'), found.gtin]] : []),
      [_('Recorded on'), found.recorded_on],
    ]),
  ];
}

async function prove({ index, leaf_hash: leaf }, { verifier, from }) {
  const place = $('#verdict');
  try {
    const { checkpoint: newest } = await meet(verifier);
    const answer = await request(`/proof/${index}`, { method: 'POST', body: JSON.stringify({ leaf_hash: leaf }), headers: { 'content-type': 'application/json' } });
    if (!answer.ok) throw await Problem.of(answer);
    const { checkpoint } = await checkLeaf(new Uint8Array(await answer.arrayBuffer()), fromHex(leaf), verifier);
    show(place, h('div', { class: `notice ${from === 'server' ? 'wait' : 'good'}`, 'data-proof': 'holds' },
      h('strong', {}, _('Checked on this device: the ledger holds this entry')),
      h('p', {}, from === 'server'
        ? _('By a key that came from this server too. It says that the server contradicts nothing it has said to this device before, and no more.')
        : _('By a key that this device has from elsewhere.')),
      h('p', {}, _('That what is said above stands in the entry is the server’s word: those who may read the entry can check it.'))),
    pairs([
      [_('Ledger'), checkpoint.origin], [_('Entry'), _('{index} of {size}', { index, size: checkpoint.size })],
      [_('Fingerprint'), h('code', {}, leaf)], [_('Root'), h('code', {}, toHex(checkpoint.root))],
      ...(newest.size > checkpoint.size ? [[_('Verified here before'), _('{size} entries', { size: newest.size })]] : []),
    ]));
  } catch (error) {
    const { title, detail } = say(error);
    show(place, historyNotice(error) ?? h('div', { class: 'notice bad', role: 'alert', 'data-proof': 'refused' },
      h('strong', {}, error instanceof Problem ? title : _('The proof does not hold')), h('p', {}, detail)));
  }
}

begin().catch((error) => showError(result, error));
