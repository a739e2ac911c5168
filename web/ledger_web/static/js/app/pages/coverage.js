/**
 * Who was checked on which day, by grid, with numbers; who was missed and by whom; what is overdue.
 *
 * A square is darker the larger the share of a grid's merchants that was checked on that day; the number in it says
 * how many, so that the picture can be read without its colour.
 */
import { load } from '../age.js';
import { ask } from '../api.js';
import { $, h, show } from '../dom.js';
import { textOf } from '../findings.js';
import { showError } from '../forms.js';
import { _, code, language, laterDay, moment } from '../words.js';

const result = $('#result');
const LOCALE = language === 'zh' ? 'zh-CN' : 'en-GB';
const weekday = (day, width) => new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', weekday: width }).format(new Date(`${day}T00:00:00Z`));
const dayName = (day) => new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', month: 'long', day: 'numeric' }).format(new Date(`${day}T00:00:00Z`));

async function showWeek() {
  const asked = new URL(location.href).searchParams.get('week');
  const found = await load(`/api/coverage${asked ? `?week=${encodeURIComponent(asked)}` : ''}`);
  if (found === null) return;
  show($('#week'), _('{week}: {first} to {last}', { week: found.week, first: dayName(found.first_day), last: dayName(found.last_day) }));
  $('#before').onclick = () => turn(laterDay(found.first_day, -7));
  $('#after').onclick = () => turn(laterDay(found.first_day, 7));
  show($('#sums'), _('{due} merchants are due; {covered} were checked often enough, {missed} were not.',
    { due: found.due, covered: found.due - found.missed, missed: found.missed }));
  show($('#heat'), heat(found));
  showMissed(found.merchants.filter((one) => one.missing));
}

/** Another week, kept in the address so that it can be passed on. */
function turn(day) {
  const url = new URL(location.href);
  url.searchParams.set('week', isoWeek(day));
  history.replaceState(null, '', url);
  showWeek().catch((error) => showError(result, error));
}

/** ISO 8601: the week of its Thursday. `day` is a Monday. */
function isoWeek(day) {
  const thursday = laterDay(day, 3);
  const year = thursday.slice(0, 4);
  const days = (Date.parse(thursday) - Date.parse(`${year}-01-01`)) / 86_400_000;
  return `${year}-W${String(Math.floor(days / 7) + 1).padStart(2, '0')}`;
}

function heat(found) {
  const days = Array.from({ length: 7 }, (_none, at) => laterDay(found.first_day, at));
  const grids = new Map();
  for (const one of found.merchants) grids.set(one.grid, [...(grids.get(one.grid) ?? []), one]);
  if (grids.size === 0) return h('p', { class: 'notice wait' }, _('Nobody was due or checked in this week.'));
  const rows = [...grids].sort(([a], [b]) => (a < b ? -1 : 1));
  return h('table', { class: 'heat' },
    h('caption', {}, _('Merchants checked on each day; in the last column how many of those due were checked often enough.')),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, _('Grid')),
      days.map((day) => h('th', { scope: 'col' }, h('abbr', { title: weekday(day, 'long') }, weekday(day, 'narrow')))),
      h('th', { scope: 'col' }, _('Enough')))),
    h('tbody', {}, rows.map(([grid, merchants]) => row(grid, merchants, days))));
}

function row(grid, merchants, days) {
  const due = merchants.filter((one) => one.required);
  const covered = due.filter((one) => !one.missing).length;
  return h('tr', {}, h('th', { scope: 'row' }, grid),
    days.map((day) => {
      const count = merchants.filter((one) => one.days.includes(day)).length;
      return h('td', { class: `h${Math.ceil((4 * count) / merchants.length)}` }, String(count));
    }),
    h('td', { class: covered < due.length ? 'short' : '' }, `${covered}/${due.length}`));
}

function showMissed(missed) {
  const by = new Map();
  for (const one of missed) by.set(one.supervisor, [...(by.get(one.supervisor) ?? []), one]);
  show($('#missed'), missed.length === 0 ? h('p', { class: 'notice good' }, _('Nobody was missed.'))
    : [...by].map(([supervisor, ones]) => h('div', { class: 'card wait' },
      h('h3', {}, supervisor === null ? _('Nobody is responsible') : _('Responsible: {who}', { who: supervisor })),
      h('ul', { class: 'lines' }, ones.map((one) => h('li', {}, h('strong', {}, one.name), ' ',
        h('span', { class: 'quiet' }, one.merchant, ' · ', one.grid, ' · ', _('{counted} of {required} checks', one))))))));
}

async function showRest() {
  const [{ data: orders }, { data: cards }, { data: merchants }] = await Promise.all(
    ['/api/orders?overdue=true', '/api/cards?standing=true', '/api/merchants'].map(ask));
  const names = Object.fromEntries(merchants.map((one) => [one.merchant, one.name]));
  const who = (merchant) => h('span', { class: 'quiet' }, `${names[merchant] ?? ''} ${merchant}`);
  show($('#overdue'), orders.orders.length === 0 ? h('p', { class: 'notice good' }, _('No order is overdue.'))
    : h('ul', { class: 'cards' }, orders.orders.map((one) => h('li', { class: 'card bad' },
      h('strong', {}, textOf(one)), h('br'), who(one.merchant),
      h('p', {}, _('Overdue since {time}', { time: moment(one.deadline) }))))));
  const standing = [
    ...cards.suspensions.map((one) => h('li', { class: 'card bad' }, h('strong', {}, _('Suspended')), h('br'), who(one.merchant))),
    ...cards.cards.map((one) => h('li', { class: 'card bad' }, h('strong', {}, code('card', one.card)), h('br'), who(one.merchant),
      h('p', { class: 'quiet' }, moment(one.issued_at)))),
  ];
  show($('#cards'), standing.length ? h('ul', { class: 'cards' }, standing) : h('p', { class: 'notice good' }, _('No card stands.')));
}

showWeek().then(showRest).catch((error) => showError(result, error));
