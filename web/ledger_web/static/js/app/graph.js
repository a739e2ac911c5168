/**
 * A batch's way: a line for each step, and beside it who had it when, from hand to hand.
 *
 *     paint($('#graph'), trace, (index) => `/proof?entry=${index}`)
 *
 * Three or more steps of one kind on one day are one line until it is opened: a wholesaler hands on to thirty shops in an
 * afternoon. A merchant has a column for as long as it has some of the batch, then the column is another's; merchants of
 * whom the lines say the same share one. Columns that find no room scroll. The lines are plain text with links, so screen
 * readers pass over the columns and miss nothing. Everything is made of attributes and classes: no styles stand in the page.
 */
import { h, show } from './dom.js';
import { micro, plain } from './forms.js';
import { _, code, isoDay, moment, quantity } from './words.js';

const LEAST = 3; // steps that make one line
const GAP = 18;
const EDGE = 14;
const DOT = 6;

const ACTIONS = {
  received: () => _('received'),
  handed_over: () => _('handed over'),
  accepted: () => _('accepted'),
  missing: () => _('missing on arrival'),
  returned: () => _('came back refused'),
  sold: ({ other }) => _('sold to {buyer}', { buyer: code('buyer_type', other) }),
  disposed: ({ other }) => _('disposed: {manner}', { manner: code('disposal_manner', other) }),
  adjusted: () => _('stock-take'),
};

/** What a step is called. */
export const actionOf = (step) => ACTIONS[step.action]?.(step) ?? step.action;

/** Draw into a place, and again when a line is opened or its width changes. */
export function paint(place, trace, href) {
  const opened = new Set();
  const columns = h('div', { class: 'columns' });
  const lines = h('ol', { class: 'lines-of-way' });
  let rows = [];
  const measure = () => {
    show(columns, draw(trace, rows, [...lines.children].map((one) => one.offsetTop + 16), lines.offsetHeight, href));
    if (columns.scrollWidth > columns.clientWidth) columns.setAttribute('tabindex', '0'); // so that keys scroll it
    else columns.removeAttribute('tabindex');
  };
  const again = () => {
    rows = rowsOf(trace.steps, opened);
    show(lines, rows.map((row) => lineOf(trace, row, href, (key) => {
      opened[opened.has(key) ? 'delete' : 'add'](key);
      again();
      [...lines.querySelectorAll('button')].find((one) => one.dataset.run === key)?.focus();
    })));
    measure();
  };
  show(place, h('div', { class: 'way' }, columns, lines));
  again();
  new ResizeObserver(measure).observe(lines);
}

// ---------------------------------------------------------------------- lines

/** Steps as lines: `{ steps, key, open }`. An opened run has a line of its own above its steps, which stands for none. */
function rowsOf(steps, opened) {
  const runs = [];
  for (const step of steps) {
    const run = runs.at(-1);
    if (run !== undefined && alike(run[0], step)) run.push(step);
    else runs.push([step]);
  }
  return runs.flatMap((run) => {
    if (run.length < LEAST) return run.map((step) => ({ steps: [step], key: null }));
    const key = `${run[0].index} ${run[0].action} ${run[0].merchant} ${run[0].other}`;
    if (!opened.has(key)) return [{ steps: run, key, open: false }];
    return [{ steps: run, key, open: true, idle: true }, ...run.map((step) => ({ steps: [step], key: null }))];
  });
}

const dayOf = ({ occurred_at: at }) => isoDay(Date.parse(at));

function alike(a, b) {
  if (a.action !== b.action || dayOf(a) !== dayOf(b)) return false;
  if (a.action === 'handed_over') return a.merchant === b.merchant;
  return a.action === 'accepted' || a.action === 'returned' ? a.other === b.other : true;
}

function lineOf(trace, { steps, key, open }, href, toggle) {
  const [step] = steps;
  if (key === null) {
    return h('li', { 'data-line': step.index },
      h('a', { href: href(step.index) }, `${actionOf(step)} ${quantity(step.amount)}`),
      h('span', { class: 'quiet' }, `${moment(step.occurred_at)} · ${whose(trace, step)}`));
  }
  const whole = { value: plain(steps.reduce((sum, { amount }) => sum + micro(amount), 0n)), unit: step.amount.unit };
  const at = steps.map(({ occurred_at: when }) => when).sort();
  const times = at[0] === at.at(-1) ? moment(at[0]) : _('{from} to {until}', { from: moment(at[0]), until: moment(at.at(-1)) });
  return h('li', { 'data-run': steps.length },
    h('button', { type: 'button', class: 'plain', 'aria-expanded': String(open), 'data-run': key, onclick: () => toggle(key) },
      _('{count} times {action}, {quantity} in all', { count: steps.length, action: runAction(step), quantity: quantity(whole) })),
    h('span', { class: 'quiet' }, `${times} · ${together(trace, steps)}`));
}

/** What steps of a run are called: whom each was sold to differs. */
const runAction = (step) => ({ sold: _('sold'), disposed: _('disposed') })[step.action] ?? actionOf(step);

/** Who did it, and to whom it went. */
function whose({ names }, { action, merchant, other }) {
  const name = (who) => names[who] ?? who;
  return action === 'handed_over' ? `${name(merchant)} → ${name(other)}` : name(merchant);
}

/** The same of several. */
function together({ names }, steps) {
  const name = (who) => names[who] ?? who;
  const parties = (of) => new Set(steps.map(of));
  const [from, to] = [parties(({ merchant }) => merchant), parties(({ other }) => other)];
  const said = (who) => (who.size === 1 ? name([...who][0]) : _('{count} merchants', { count: who.size }));
  return steps[0].action === 'handed_over' ? `${said(from)} → ${said(to)}` : said(from);
}

// ---------------------------------------------------------------------- columns

/** Who has it when: `{ merchants, from, until, column }`. A column is free again below the last line of whom it was. */
function columnsOf({ steps, holders }, rows) {
  const spans = new Map(); // merchant to the lines that are its own
  for (const merchant of new Set(steps.flatMap(({ merchant: one, action, other }) => (action === 'handed_over' ? [one, other] : [one])))) spans.set(merchant, []);
  const offered = new Map();
  for (const [row, { steps: some, idle }] of rows.entries()) {
    if (idle) continue;
    for (const { merchant, action, other } of some) {
      if (spans.get(merchant).at(-1) !== row) spans.get(merchant).push(row);
      if (action === 'handed_over' && !offered.has(other)) offered.set(other, row);
    }
  }
  const classes = new Map();
  for (const [merchant, own] of spans) {
    const holds = Object.hasOwn(holders, merchant);
    const lines = own.length ? own : [offered.get(merchant)];
    const key = `${lines} ${own.length > 0} ${holds}`;
    const found = classes.get(key) ?? { merchants: [], had: own.length > 0, holds, from: lines[0], until: lines.at(-1) };
    found.merchants.push(merchant);
    classes.set(key, found);
  }
  const free = []; // by column, the first line from which it is free
  for (const one of [...classes.values()].sort((a, b) => a.from - b.from)) {
    const at = free.findIndex((line) => line < one.from);
    one.column = at < 0 ? free.length : at;
    free[one.column] = one.holds ? Infinity : one.until + (one.had ? 0 : 1);
  }
  return [...classes.values()];
}

function draw(trace, rows, tops, height, href) {
  const classes = columnsOf(trace, rows);
  const of = new Map(classes.flatMap((one) => one.merchants.map((merchant) => [merchant, one])));
  const x = (merchant) => EDGE + of.get(merchant).column * GAP;
  const width = 2 * EDGE + Math.max(0, ...classes.map(({ column }) => column)) * GAP + (classes.some(({ merchants }) => merchants.length > 1) ? 12 : 0);
  return svg('svg', { class: 'trace', width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true', focusable: 'false' },
    classes.filter(({ had }) => had).map((one) => svg('line', {
      class: `lane lane${one.column % 4}${one.merchants.length > 1 ? ' many' : ''}`, x1: EDGE + one.column * GAP, x2: EDGE + one.column * GAP, y1: tops[one.from], y2: one.holds ? height : tops[one.until],
    })),
    passings(rows).map(({ sender, receiver, row, answer, entries }) => {
      const [fromX, toX, fromY] = [x(sender), x(receiver), tops[row]];
      const toY = answer === null ? fromY + (((tops[row + 1] ?? height) - fromY) * 0.7) : tops[answer];
      const middle = (fromY + toY) / 2;
      const path = svg('path', { class: answer === null ? 'passing open' : 'passing', d: `M${fromX} ${fromY}C${fromX} ${middle} ${toX} ${middle} ${toX} ${toY}` });
      return entries.length === 1 ? svg('a', { href: href(entries[0]), tabindex: '-1' }, path) : path;
    }),
    rows.flatMap(({ steps, idle }, row) => (idle ? [] : [...new Set(steps.map(({ merchant }) => x(merchant)))].map((at) => svg('circle', { class: `dot ${steps[0].action}`, cx: at, cy: tops[row], r: DOT })))),
    classes.filter(({ merchants, had }) => had && merchants.length > 1).map((one) => svg('text', { x: EDGE + one.column * GAP + 8, y: tops[one.from] - (one.column % 2 ? 18 : 7) }, `×${one.merchants.length}`)));

  /** From each handover to its answer, or into the open while there is none; those that would lie on each other once. */
  function passings(lines) {
    const answers = lines.flatMap(({ steps, idle }, row) => (idle ? [] : steps.filter(({ action }) => action === 'accepted').map((step) => ({ step, row, taken: false }))));
    const found = new Map();
    for (const [row, { steps, idle }] of lines.entries()) {
      if (idle) continue;
      for (const { action, merchant: sender, other: receiver, index } of steps) {
        if (action !== 'handed_over') continue;
        const answer = answers.find((one) => !one.taken && one.row > row && one.step.merchant === receiver && one.step.other === sender);
        if (answer) answer.taken = true;
        const key = `${row} ${answer?.row} ${x(sender)} ${x(receiver)}`;
        const passing = found.get(key) ?? { sender, receiver, row, answer: answer?.row ?? null, entries: [] };
        passing.entries.push(index);
        found.set(key, passing);
      }
    }
    return [...found.values()];
  }
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.flat().filter((child) => child !== null));
  return made;
}
