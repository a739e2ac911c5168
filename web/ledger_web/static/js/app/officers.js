/**
 * What officers sign, in words: for the one who signs first and for the one who signs after.
 *
 *     aboutOf('card.issued', body, { name: '…' })      // [['商户', '…'], ['牌', '黄牌'], …]
 *     titleOf('card.issued')                          // '亮红黄牌'
 */
import { textOf } from './findings.js';
import { _, code, day, moment, quantity } from './words.js';

const TITLES = {
  'inspection.recorded': () => _('Check'), 'rectification.ordered': () => _('Order to put right'), 'card.issued': () => _('Card'),
  'goods.sealed': () => _('Seal goods'), 'rectification.confirmed': () => _('Order confirmed'), 'rectification.rejected': () => _('Order sent back'),
  'suspension.decided': () => _('Suspension'), 'recall.ordered': () => _('Recall'), 'card.lifted': () => _('Card lifted'),
  'goods.released': () => _('Release of goods'), 'plan.announced': () => _('Plan announced'), 'plan.drawn': () => _('Plan drawn'),
  'plan.voided': () => _('Plan voided'),
};

export const titleOf = (kind) => TITLES[kind]?.() ?? kind;

const TOGETHER = new Set([
  'inspection.recorded', 'rectification.ordered', 'card.issued', 'suspension.decided', 'goods.sealed', 'recall.ordered', 'plan.voided',
]);

/** Whether two sign statements of this kind together: whatever else a server lets wait is not signed here. */
export const isAct = (kind) => TOGETHER.has(kind);

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
      [_('Findings'), findings.length ? String(findings.length) : _('none')],
      ...findings.map((one) => [code('finding_source', one.source), textOf(one) + (waived.has(`${one.code} ${one.subject ?? ''}`) ? ['（', _('waived'), '）'].join('') : '') + (one.source === 'added' && one.detail ? `（${one.detail}）` : '')]),
      ...waivers.map((one) => [_('Reason to waive'), `${textOf(one)}：${one.reason}`]),
    ];
  },
  'rectification.ordered': (body) => [[_('Finding'), textOf(body)], [_('What to do'), body.what], [_('Deadline'), moment(body.deadline)]],
  'card.issued': (body) => [
    [_('Card'), code('card', body.card)], [_('Violation'), _('number {step} in the window', { step: body.step })],
    [_('Shop'), body.closes ? _('closed until the card is lifted') : _('stays open')], [_('Finding'), textOf(body)], [_('Reason'), body.reason],
  ],
  'goods.sealed': (body) => [[_('Batch'), body.batch], [_('Reason'), body.reason]],
  'goods.released': (body) => [[_('Reason'), body.reason]],
  'card.lifted': (body) => [[_('How it was put right'), body.reason]],
  'recall.ordered': (body) => [
    [_('Batch'), body.batch], [_('Reason'), body.reason], ...(body.number ? [[_('Number of the notice'), body.number]] : []), [_('Answer by'), moment(body.answer_by)],
  ],
  'plan.announced': (body) => [
    [_('Week'), body.week], [_('Grid'), body.grid === '*' ? _('the whole ledger') : body.grid], [_('Officers'), body.officers.join('、')],
    [_('On which days'), body.days.join('、')], [_('Checks beyond those due'), String(body.extra_checks)], [_('The seed comes from'), _('{count} entries', { count: body.seed_size })],
    [_('Digest of the secret'), body.commitment],
  ],
  'plan.drawn': (body) => [
    [_('Checks'), String(body.checks)], ...body.loads.map((one) => [one.officer, _('{count} checks', { count: one.checks })]), [_('Secret, public from now on'), body.secret],
  ],
  'plan.voided': (body) => [[_('Announcement'), body.announcement], [_('Why it will not be drawn'), body.reason]],
  'rectification.confirmed': (body) => (body.note ? [[_('Note'), body.note]] : []),
  'rectification.rejected': (body) => [[_('Reason'), body.reason], [_('New deadline'), moment(body.deadline)]],
};

// The ledger says details in English, for it is part of what is signed; these are its sentences in the reader's language.
const DETAILS = [
  [/^counted (\S+) (\S+), ledger (\S+) \S+$/, (value, unit, held) => _('counted {counted}, ledger {held}', { counted: quantity({ value, unit }), held: quantity({ value: held, unit }) })],
  [/^last attested to (\S+)$/, (until) => _('last attested to {day}', { day: day(until) })],
  [/^valid to (\S+)$/, (until) => _('valid to {day}', { day: day(until) })],
  [/^none in the last (\d+) hours$/, (hours) => _('none in the last {hours} hours', { hours })],
  [/^(\d+) minutes without readings$/, (minutes) => _('{minutes} minutes without readings', { minutes })],
  [/^(?:down to (\S+) ℃)?(?:, )?(?:up to (\S+) ℃)?$/, (low, high) => [low, high].filter(Boolean).map((value) => `${value} °C`).join(', ')],
  [/^no readings$/, () => _('no readings')],
];

/** What exactly a finding is, in the reader's language; words of people are as they are. `null` where its name says it all. */
export function detailOf({ code: finding, source, detail }) {
  if (!detail) return null;
  if (source === 'added' || finding === 'checklist_failed' || (finding === 'unlisted_goods' && detail !== 'not in the ledger')) return detail;
  for (const [pattern, said] of DETAILS) {
    const found = pattern.exec(detail);
    if (found) return said(...found.slice(1));
  }
  return null;
}

/** Rows for the reader; a kind without words of its own is shown as it is. */
export function aboutOf(kind, body, { name = null, titles = {} } = {}) {
  const rows = ABOUT[kind]?.(body, { titles }) ?? Object.entries(body).map(([member, value]) => [member, typeof value === 'string' ? value : JSON.stringify(value)]);
  return [...(name ? [[_('Merchant'), name]] : []), ...rows];
}
