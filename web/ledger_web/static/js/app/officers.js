/**
 * What officers sign, in words: for the one who signs first and for the one who signs after.
 *
 *     aboutOf('card.issued', body, { name: '…' })      // [['商户', '…'], ['牌', '黄牌'], …]
 *     titleOf('card.issued')                          // '亮红黄牌'
 */
import { textOf } from './findings.js';
import { _, code, moment, quantity } from './words.js';

const TITLES = {
  'inspection.recorded': () => _('Check'), 'rectification.ordered': () => _('Order to put right'), 'card.issued': () => _('Card'),
  'goods.sealed': () => _('Seal goods'), 'rectification.confirmed': () => _('Order confirmed'), 'rectification.rejected': () => _('Order sent back'),
  'suspension.decided': () => _('Suspension'), 'recall.ordered': () => _('Recall'),
};

export const titleOf = (kind) => TITLES[kind]?.() ?? kind;

const ABOUT = {
  'inspection.recorded': (body, { titles = {} }) => {
    const { observed, findings = [], waivers = [] } = body;
    const failed = (observed.checklist ?? []).filter((one) => !one.passed);
    const waived = new Set(waivers.map((one) => `${one.code} ${one.subject ?? ''}`));
    return [
      [_('Goods counted'), _('{count} batches', { count: observed.stock?.length ?? 0 })],
      ...(observed.unlisted ?? []).map((one) => [_('Not in the ledger'), [one.name, one.quantity ? quantity(one.quantity) : ''].filter(Boolean).join(' ')]),
      ...(observed.temperatures ?? []).map((one) => [one.zone, `${one.value} °C`]),
      [_('Checklist'), failed.length ? _('not all right: {items}', { items: failed.map((one) => titles[one.code] ?? one.code).join('、') }) : _('all right')],
      [_('Findings'), findings.length ? '' : _('none')],
      ...findings.map((one) => [code('finding_source', one.source), textOf(one) + (waived.has(`${one.code} ${one.subject ?? ''}`) ? `（${_('waived')}）` : '')]),
      ...waivers.map((one) => [_('Reason to waive'), `${textOf(one)}：${one.reason}`]),
    ];
  },
  'rectification.ordered': (body) => [[_('Finding'), textOf(body)], [_('What to do'), body.what], [_('Deadline'), moment(body.deadline)]],
  'card.issued': (body) => [
    [_('Card'), code('card', body.card)], [_('Violation'), _('number {step} in the window', { step: body.step })],
    [_('Shop'), body.closes ? _('closed until the card is lifted') : _('stays open')], [_('Finding'), textOf(body)], [_('Reason'), body.reason],
  ],
  'goods.sealed': (body) => [[_('Batch'), body.batch], [_('Reason'), body.reason]],
  'rectification.confirmed': (body) => (body.note ? [[_('Note'), body.note]] : []),
  'rectification.rejected': (body) => [[_('Reason'), body.reason], [_('New deadline'), moment(body.deadline)]],
};

/** Rows for the reader; a kind without words of its own is shown as it is. */
export function aboutOf(kind, body, { name = null, titles = {} } = {}) {
  const rows = ABOUT[kind]?.(body, { titles }) ?? Object.entries(body).map(([member, value]) => [member, typeof value === 'string' ? value : JSON.stringify(value)]);
  return [...(name ? [[_('Merchant'), name]] : []), ...rows];
}
