/**
 * A batch's way as a picture: a column for each merchant, a row for each step, a line from hand to hand.
 *
 *     show(place, draw(trace, { width: 358, href: (step) => `/proof?entry=${step.index}` }))
 *
 * The picture says nothing that the table beside it does not say, so screen readers pass over it. Everything is made of
 * attributes and classes: no styles stand in the page.
 */
import { plain } from './dom.js';
import { _, code, moment, quantity } from './words.js';

const ROW = 52;
const DOT = 6;
const LETTER = 13; // the width of a Chinese character, in the size of `.trace text`

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

/** The picture; `href` gives where a step leads. */
export function draw(trace, { width, href }) {
  const lanes = [...new Set(trace.steps.flatMap(({ merchant, action, other }) => (action === 'handed_over' ? [merchant, other] : [merchant])))];
  const gap = Math.max(10, Math.min(26, (width * 0.35) / lanes.length));
  const x = (merchant) => 12 + lanes.indexOf(merchant) * gap;
  const y = (row) => 26 + row * ROW;
  const left = 12 + lanes.length * gap + 4;
  const height = y(trace.steps.length) - 8;
  const rows = trace.steps.map((step, row) => ({ step, row }));
  return svg('svg', { class: 'trace', viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true', focusable: 'false' },
    lanes.map((merchant, lane) => column(trace, rows, merchant, lane, { x, y, height })),
    rows.map((at) => passing(rows, at, { x, y })),
    rows.map(({ step, row }) => svg('a', { href: href(step), tabindex: '-1' },
      svg('circle', { class: `dot ${step.action}`, cx: x(step.merchant), cy: y(row), r: DOT }),
      text(left, y(row) - 3, 'what', cut(`${actionOf(step)} ${quantity(step.amount)}`, width - left)),
      text(left, y(row) + 15, 'who', cut(`${moment(step.occurred_at)} · ${whose(trace, step)}`, width - left)))));
}

/** Who did it, and to whom it went. */
function whose({ names }, { action, merchant, other }) {
  const name = (who) => names[who] ?? who;
  return action === 'handed_over' ? `${name(merchant)} → ${name(other)}` : name(merchant);
}

/** How long a merchant had some of it: open at the end while it still has. */
function column(trace, rows, merchant, lane, { x, y, height }) {
  const own = rows.filter(({ step }) => step.merchant === merchant).map(({ row }) => row);
  if (own.length === 0) return null;
  const holds = Object.hasOwn(trace.holders, merchant);
  return svg('line', { class: `lane lane${lane % 4}`, x1: x(merchant), x2: x(merchant), y1: y(own[0]), y2: holds ? height : y(own.at(-1)) });
}

/** From a handover to its answer, or into the open while there is none. */
function passing(rows, { step, row }, { x, y }) {
  if (step.action !== 'handed_over') return null;
  const answer = rows.find((one) => one.row > row && one.step.action === 'accepted' && one.step.merchant === step.other && one.step.other === step.merchant && !one.taken);
  if (answer) answer.taken = true;
  const [fromX, toX] = [x(step.merchant), x(step.other)];
  const [fromY, toY] = [y(row), answer ? y(answer.row) : y(row) + ROW * 0.6];
  const middle = (fromY + toY) / 2;
  return svg('path', { class: answer ? 'passing' : 'passing open', d: `M${fromX} ${fromY}C${fromX} ${middle} ${toX} ${middle} ${toX} ${toY}` });
}

const text = (x, y, name, words) => svg('text', { class: name, x, y }, plain(words));

/** As much of a text as there is room for. */
function cut(words, room) {
  let wide = 0;
  for (const [at, letter] of [...words].entries()) {
    wide += letter.codePointAt(0) > 0x2e7f ? LETTER : LETTER * 0.6;
    if (wide > room - LETTER) return `${[...words].slice(0, at).join('')}…`;
  }
  return words;
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.flat().filter((child) => child !== null));
  return made;
}
