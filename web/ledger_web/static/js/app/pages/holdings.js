/** What the merchant holds, by the ledger. */
import { load } from '../age.js';
import { $, h, show } from '../dom.js';
import { textOf } from '../findings.js';
import { _, code, quantity } from '../words.js';

const mine = await load('/api/mine');
if (mine !== null) {
  show($('#items'), mine.holdings.length === 0
    ? h('li', { class: 'card' }, _('The ledger has no goods of yours. Record what comes in under “Goods in”.'))
    : mine.holdings.map((one) => {
      const due = mine.findings.filter((finding) => finding.subject?.split(':')[0] === one.batch);
      return h('li', { class: 'card' },
        h('div', { class: 'between' }, h('h2', {}, one.name), h('strong', { class: 'amount' }, quantity(one.quantity))),
        h('p', { class: 'quiet' }, `${one.batch} · ${code('goods_class', one.goods_class)}`),
        h('p', {}, h('a', { class: 'button plain', href: `/trace/${encodeURIComponent(one.batch)}` }, _('Trace and label'))),
        one.documents.length ? h('p', { class: 'quiet' }, one.documents.map((kind) => code('document_type', kind)).join('、')) : null,
        one.sealed === null ? null : h('p', { class: 'notice bad' }, _('Sealed by entry {index}: it may not move until a supervisor releases it.', { index: one.sealed })),
        one.recall === null ? null : h('p', { class: 'notice bad' }, _('Recalled by entry {index}: it may not be sold.', { index: one.recall.index })),
        due.map((finding) => h('p', { class: 'notice wait' }, textOf(finding))));
    }));
}
