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

// What each row is made of stands in `SHAPES` too: a statement with anything else in it is not shown, and not signed.
const ABOUT = {
  'inspection.recorded': (body, { titles = {} }) => {
    const { observed = {}, findings = [], waivers = [] } = body;
    const item = (one) => [titles[one.code] ?? one.code, one.note].filter(Boolean).join('：');
    const failed = (observed.checklist ?? []).filter((one) => !one.passed);
    const passed = (observed.checklist ?? []).filter((one) => one.passed);
    const waived = new Set(waivers.map((one) => `${one.code} ${one.subject ?? ''}`));
    return [
      [_('Place'), body.place],
      [_('Began'), moment(body.started_at)], [_('Ended'), moment(body.ended_at)],
      [_('Rule sets'), body.rulesets.join('、')],
      [_('Goods counted'), [_('{count} batches', { count: observed.stock?.length ?? 0 }), ...(observed.stock ?? []).map((one) => `${one.batch} ${quantity(one.quantity)}`)].join('；')],
      ...(observed.unlisted ?? []).map((one) => [_('Not in the ledger'), [one.name, one.quantity ? quantity(one.quantity) : '', one.note].filter(Boolean).join(' ')]),
      ...(observed.temperatures ?? []).map((one) => [one.zone, `${one.value} °C`]),
      [_('Checklist'), failed.length ? _('not all right: {items}', { items: failed.map(item).join('、') }) : _('all right')],
      ...(passed.length ? [[_('Found all right'), passed.map(item).join('、')]] : []),
      [_('Findings'), findings.length ? String(findings.length) : _('none')],
      ...findings.map((one) => [code('finding_source', one.source), [textOf(one), detailOf(one) ?? one.detail].filter(Boolean).join('：') + (waived.has(`${one.code} ${one.subject ?? ''}`) ? `（${_('waived')}）` : '')]),
      ...waivers.map((one) => [_('Reason to waive'), `${textOf(one)}：${one.reason}`]),
    ];
  },
  'rectification.ordered': (body) => [[_('Finding'), textOf(body)], [_('What to do'), body.what], [_('Deadline'), moment(body.deadline)], ...restsOn(body)],
  'card.issued': (body) => [
    [_('Card'), code('card', body.card)], [_('Violation'), _('number {step} in the window', { step: body.step })], [_('Rule sets'), body.ruleset],
    [_('Shop'), body.closes ? _('closed until the card is lifted') : _('stays open')], [_('Finding'), textOf(body)], [_('Reason'), body.reason],
    ...restsOn(body),
  ],
  'goods.sealed': (body) => [[_('Batch'), body.batch], [_('Reason'), body.reason], ...numbered(body.document_number), ...restsOn(body)],
  'suspension.decided': (body) => [
    ...numbered(body.document_number), [_('Legal basis'), body.legal_basis.join('；')], [_('Reason'), body.reason],
    [_('First day'), day(body.starts_on)], [_('Last day'), body.ends_on ? day(body.ends_on) : _('no end is set')],
  ],
  'recall.ordered': (body) => [[_('Batch'), body.batch], [_('Reason'), body.reason], [_('Answer by'), moment(body.answer_by)], ...numbered(body.number)],
  'goods.released': (body) => [[_('Reason'), body.reason]],
  'card.lifted': (body) => [[_('How it was put right'), body.reason]],
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

const numbered = (number) => (number ? [[_('Document number'), number]] : []);
const restsOn = ({ inspection }) => (inspection ? [[_('Rests on the check'), inspection]] : []);

const QUANTITY = { value: 1, unit: 1 };
const FILE = { bytes: 1, media_type: 1, name: 1, sha256: 1 };
/** All that bodies of acts of two officers may hold, since all of it is shown: `1` for a single value, `[…]` for many. */
export const SHAPES = {
  'inspection.recorded': {
    rulesets: [1], started_at: 1, ended_at: 1, place: 1,
    observed: {
      stock: [{ batch: 1, quantity: QUANTITY }], unlisted: [{ name: 1, quantity: QUANTITY, note: 1 }], temperatures: [{ zone: 1, value: 1 }],
      checklist: [{ code: 1, passed: 1, note: 1 }], photos: [FILE],
    },
    findings: [{ code: 1, subject: 1, detail: 1, source: 1 }], waivers: [{ code: 1, subject: 1, reason: 1 }],
  },
  'rectification.ordered': { inspection: 1, code: 1, subject: 1, what: 1, deadline: 1 },
  'card.issued': { card: 1, ruleset: 1, step: 1, inspection: 1, code: 1, subject: 1, reason: 1, closes: 1 },
  'goods.sealed': { batch: 1, document_number: 1, reason: 1, inspection: 1 },
  'suspension.decided': { document_number: 1, legal_basis: [1], reason: 1, starts_on: 1, ends_on: 1, attachment: FILE },
  'recall.ordered': { batch: 1, number: 1, reason: 1, answer_by: 1 },
  'plan.voided': { announcement: 1, reason: 1 },
};

/** The first place in a body that the rows would not show, `''` where the kind itself is unknown, `null` if all is shown. */
export function unshown(kind, body) {
  return Object.hasOwn(SHAPES, kind) ? beyond(body, SHAPES[kind], 'body') : '';
}

function beyond(value, shape, at) {
  if (value === null) return null;
  if (shape === 1) return typeof value === 'object' ? at : null;
  if (Array.isArray(shape)) return Array.isArray(value) ? first(value.map((one, index) => beyond(one, shape[0], `${at}[${index}]`))) : at;
  if (typeof value !== 'object' || Array.isArray(value)) return at;
  return first(Object.entries(value).map(([name, one]) => (Object.hasOwn(shape, name) ? beyond(one, shape[name], `${at}.${name}`) : `${at}.${name}`)));
}

const first = (found) => found.find((one) => one !== null) ?? null;

/** The files that a body names: `[{ name, media_type, bytes, sha256 }]`. */
export const filesOf = (body) => [...(body.observed?.photos ?? []), ...(body.evidence ?? []), ...(body.attachment ? [body.attachment] : [])];

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
