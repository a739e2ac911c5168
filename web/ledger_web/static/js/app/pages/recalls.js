/** Recalls: who has answered what, who has not, and ordering one. */
import { instant } from '../../times.js';
import { loadPage, older } from '../age.js';
import { send } from '../api.js';
import { $, h, show } from '../dom.js';
import { evidence } from '../thumbs.js';
import { check, filled, showError } from '../forms.js';
import { identity } from '../session.js';
import { showOutcome } from '../statements.js';
import { act } from '../trial.js';
import { Trouble } from '../trouble.js';
import { _, moment, quantity } from '../words.js';

const result = $('#result');
const HOUR = 3_600_000;
const DAY_HOURS = 24;

async function begin() {
  const found = await loadPage('/api/measures/recalls');
  if (found === null) return;
  show($('#items'), found.recalls.length ? found.recalls.map(recall) : h('li', { class: 'notice good' }, _('Nothing is recalled.')), older(found));
  $('#order').hidden = (await identity())?.role !== 'supervisor';
}

function recall(one) {
  const open = one.holders.filter((holder) => holder.answer === null);
  const answered = one.holders.filter((holder) => holder.answer !== null);
  return h('li', { class: `card ${one.overdue ? 'bad' : open.length ? 'wait' : ''}`, 'data-recall': one.id },
    h('h2', {}, `${one.goods ?? ''} · ${one.batch}`),
    h('p', {}, one.reason, one.number ? `（${one.number}）` : ''),
    h('p', { class: 'quiet' }, one.overdue ? _('Answers were due {time}', { time: moment(one.answer_by) }) : _('Answer by {time}', { time: moment(one.answer_by) })),
    open.length ? h('div', { 'data-unanswered': open.length }, h('h3', {}, _('{count} have not answered', { count: open.length })),
      h('ul', { class: 'lines' }, open.map((holder) => h('li', { 'data-merchant': holder.merchant }, h('strong', {}, holder.name), ' ',
        h('span', { class: 'quiet' }, [holder.merchant, holder.grid].join(' · ')), h('br'), byLedger(holder)))))
      : h('p', { class: 'notice good' }, _('Everybody has answered.')),
    answered.length ? h('details', { open: open.length === 0 }, h('summary', {}, _('{count} have answered', { count: answered.length })),
      h('ul', { class: 'lines' }, answered.map(answer))) : null);
}

const byLedger = (holder) => _('By the ledger: got {got}, sold {sold}, holds {held}', { got: quantity(holder.got), sold: quantity(holder.sold), held: quantity(holder.held) });

function answer(holder) {
  const said = holder.answer;
  const differs = holder.difference.value !== '0';
  return h('li', { 'data-answered': holder.merchant }, h('strong', {}, holder.name), ' ', h('span', { class: 'quiet' }, moment(said.answered_at)), h('br'),
    _('Found {found}, sold {sold}', { found: quantity(said.found), sold: quantity(said.sold) }), said.note ? h('p', {}, said.note) : null,
    h('p', { class: 'quiet' }, byLedger(holder)),
    differs ? h('p', { class: 'notice bad', 'data-differs': holder.difference.value }, _('The answer differs from the ledger by {amount}.', { amount: quantity(holder.difference) })) : null,
    evidence(said.evidence, said.index));
}

const form = $('#order form');
form.elements.hours.value = String(DAY_HOURS);
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!check(form)) return;
  const value = (name) => form.elements[name].value.trim();
  try {
    const found = await send('GET', `/api/batches/${encodeURIComponent(value('batch'))}`);
    const { merchant } = found.origin;
    if (!merchant) throw new Trouble(_('This batch was brought in outside your place: let an officer of that place order the recall.'));
    const body = filled({
      batch: found.batch, reason: value('reason'), number: value('number'),
      answer_by: instant(Math.floor((Date.now() + Number(value('hours')) * HOUR) / 1000) * 1000, 480),
    });
    const id = await act({ kind: 'recall.ordered', merchant, name: found.names[merchant] ?? merchant, body });
    if (id) await showOutcome($('#place'), id, { again: { href: '/recalls', text: _('Recalls') } });
  } catch (error) {
    showError(result, error);
  }
});

begin().catch((error) => showError(result, error));
