/** The checks drawn for this officer: today's in walking order, those missed, those to come. Facts are fetched ahead. */
import { load } from '../age.js';
import { ask } from '../api.js';
import { $, h, show } from '../dom.js';
import { dueToday, keptFacts, prepare } from '../duty.js';
import { showError } from '../forms.js';
import { list } from '../outbox.js';
import { Unreachable } from '../trouble.js';
import { _, clock, day, isoDay } from '../words.js';

const result = $('#result');

async function begin() {
  const duty = await load('/api/duty');
  if (duty === null) return;
  const today = isoDay(Date.now());
  const signed = new Map((await list()).filter((item) => item.kind === 'inspection.recorded' && item.state !== 'refused' && isoDay(item.signedAt) === today).map((item) => [item.merchant, item]));
  const of = (test) => duty.checks.filter(test).map((one) => entry(one, signed.get(one.merchant)));
  const isDone = (one) => one.state.startsWith('done');
  const now = of((one) => one.day === today && !isDone(one));
  const missed = of((one) => one.state === 'missed' || (one.state === 'due' && one.day < today));
  const later = of((one) => one.state === 'due' && one.day > today);
  const done = of(isDone);
  show($('#place'),
    h('h2', {}, _('Today, {day}', { day: day(today) })),
    now.length ? h('ol', { class: 'cards', id: 'today' }, now) : h('p', { class: 'notice good' }, duty.drawn ? _('No check is left for today.') : _('No plan is drawn for this week yet.')),
    missed.length ? [h('h2', {}, _('Missed')), h('ul', { class: 'cards', id: 'missed' }, missed)] : null,
    done.length ? folded('done', _('{count} done this week', { count: done.length }), done) : null,
    later.length ? folded('later', _('{count} later this week', { count: later.length }), later) : null,
    await others());
  await loadAhead(dueToday(duty));
}

const folded = (id, title, items) => h('details', {}, h('summary', {}, title), h('ul', { class: 'cards', id }, items));

const STATES = {
  due: () => _('due'), missed: () => _('missed'), done: () => _('done'), done_otherwise: () => _('done on another day or by others'),
};

function entry(one, signed) {
  const item = one.state.startsWith('done') ? undefined : signed; // the ledger has it
  const tone = item || one.state.startsWith('done') ? '' : one.state === 'missed' ? 'bad' : 'wait';
  const state = item?.state === 'waiting' || item?.state === 'cosign' ? _('signed at {time}, waiting', { time: clock(item.signedAt) }) : item ? _('signed at {time}', { time: clock(item.signedAt) }) : STATES[one.state]();
  return h('li', { class: `card ${tone}`, 'data-merchant': one.merchant, 'data-state': item ? 'signed' : one.state },
    h('a', { href: `/check/${encodeURIComponent(one.merchant)}` }, h('span', {}, h('strong', {}, one.name), h('br'),
      h('span', { class: 'quiet' }, [one.address, one.grid].filter(Boolean).join(' · ')), h('br'),
      h('span', { class: 'quiet' }, [day(one.day), state, one.officers.length > 1 ? _('with {officers}', { officers: one.officers.join('、') }) : null].filter(Boolean).join(' · ')))));
}

/** Shops that are not drawn can be checked too. */
async function others() {
  const merchants = await ask('/api/merchants').then((found) => found.data, () => []);
  return h('details', {}, h('summary', {}, _('Another shop')),
    h('ul', { class: 'cards' }, merchants.map((one) => h('li', { class: 'card' },
      h('a', { href: `/check/${encodeURIComponent(one.merchant)}` }, h('span', {}, one.name, h('br'), h('span', { class: 'quiet' }, `${one.merchant} · ${one.grid}`)))))));
}

/** What each check needs, so that it opens in a cold store too. */
async function loadAhead(each) {
  if (each.length === 0) return;
  const place = $('#ready');
  const { ready, error } = await prepare(each, (count) => show(place, _('Loading for work without network: {count} of {all}', { count, all: each.length })));
  const kept = (await Promise.all(each.map(keptFacts))).filter((one) => one !== null).length;
  show(place, kept === each.length ? _('All {count} shops are on this phone: checks work without network.', { count: kept }) : _('{count} of {all} shops are on this phone.', { count: kept, all: each.length }));
  place.dataset.ready = String(ready.length);
  if (error && !(error instanceof Unreachable)) showError(result, error);
}

begin().catch((error) => showError(result, error));
