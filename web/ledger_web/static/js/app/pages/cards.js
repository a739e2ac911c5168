/** Cards that stand in this officer's place, as they were shown, and lifting one once its orders are confirmed. */
import { loadPage, older } from '../age.js';
import { $, h, pairs, show } from '../dom.js';
import { textOf } from '../findings.js';
import { check, filled, showError } from '../forms.js';
import { showOutcome } from '../statements.js';
import { act } from '../trial.js';
import { _, code, moment } from '../words.js';

const result = $('#result');

async function begin() {
  const found = await loadPage('/api/measures/cards');
  if (found === null) return;
  show($('#items'), found.cards.length ? found.cards.map(card) : h('li', { class: 'notice good' }, _('No card stands.')), older(found));
}

function card(one) {
  return h('li', { class: 'card bad', 'data-card': one.id },
    h('h2', {}, `${code('card', one.card)} · ${one.name}`),
    h('p', { class: 'quiet' }, [one.address, one.merchant].filter(Boolean).join(' · ')),
    pairs([
      [_('Violation'), _('number {step} in the window', { step: one.step })], [_('Finding'), textOf(one)], [_('Reason'), one.reason],
      [_('Shop'), one.closes ? _('closed until the card is lifted') : _('stays open')], [_('Rule set'), one.ruleset],
      [_('Shown'), `${moment(one.issued_at)} · ${one.officers.join('、')}`], [_('Entry'), String(one.index)],
    ]),
    one.waiting.length ? missing(one) : lifting(one));
}

const STATES = { ordered: () => _('Not reported yet'), reported: () => _('Reported by the merchant'), rejected: () => _('Sent back') };

/** Orders of the same check must be confirmed first. */
function missing(one) {
  return h('div', { class: 'notice wait', 'data-missing': one.waiting.length },
    h('strong', {}, _('Before it can be lifted, these must be confirmed:')),
    h('ul', {}, one.waiting.map((order) => h('li', {}, `${textOf(order)}：${order.what}`, ' ', h('span', {}, `（${STATES[order.state]()}）`)))),
    h('p', {}, h('a', { class: 'button plain', href: '/orders' }, _('Orders'))));
}

function lifting(one) {
  const form = h('form', { novalidate: true },
    h('p', { class: 'notice good' }, _('No order of its check is open: it can be lifted.')),
    h('div', { class: 'field' }, h('label', {}, _('How it was put right'), ' ', h('input', { name: 'reason', required: true, maxlength: '500', 'data-missing': _('Say how it was put right.') }))),
    h('p', { class: 'quiet' }, one.checked_again ? _('The check made since then is named as the second look.') : _('No check was made since then.')),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Lift the card'))));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!check(form)) return;
    try {
      const body = filled({ card: one.id, reason: form.elements.reason.value.trim(), inspection: one.checked_again });
      const id = await act({ kind: 'card.lifted', merchant: one.merchant, name: one.name, body, about: [[_('Card'), `${code('card', one.card)} · ${textOf(one)}`]] });
      if (id) await showOutcome($('#place'), id, { again: { href: '/cards', text: _('Cards') } });
    } catch (error) {
      showError(result, error);
    }
  });
  return form;
}

begin().catch((error) => showError(result, error));
