/**
 * After a check was signed: its receipt, and for each finding that stands an order to put it right, a seal, and one card.
 *
 *     const made = await checkOfToday(merchant)          // { id, body } of this phone's check of today, or null
 *     await follow(place, made, facts, again)
 *
 * All of it works without network: what rests on the check is sent after it. Which card is due the rule set says.
 */
import { instant } from '../../times.js';
import { $, h, show } from '../dom.js';
import { keepDraft } from '../drafts.js';
import { latestDeadline } from '../duty.js';
import { textOf } from '../findings.js';
import { check, filled, showError } from '../forms.js';
import { aboutOf, detailOf, titleOf } from '../officers.js';
import { list, statementOf } from '../outbox.js';
import { outcomeOf, watch } from '../outcome.js';
import { state } from '../statements.js';
import { _, code, isoDay, moment } from '../words.js';

const AGAIN = 'custody-check-again';
const nameOf = (one) => `${one.code} ${one.subject ?? ''}`;

/** The newest check of a merchant signed here today and not refused. */
export async function checkOfToday(merchant) {
  const today = isoDay(Date.now());
  const found = (await list()).find((item) => item.kind === 'inspection.recorded' && item.merchant === merchant && item.state !== 'refused' && isoDay(item.signedAt) === today);
  if (found === undefined || sessionStorage.getItem(AGAIN) === found.id) return null;
  const { id, body } = statementOf(found);
  return { id, body };
}

/** Show what became of the check, and what can follow; `again` opens a new check. */
export async function follow(place, { id, body }, facts, again) {
  const outcome = h('div', { class: 'outcome', 'aria-live': 'polite', tabindex: '-1' });
  const waived = new Set((body.waivers ?? []).map(nameOf));
  const standing = (body.findings ?? []).filter((one) => !waived.has(nameOf(one)));
  const rest = h('div', { id: 'follow' });
  const redraw = async () => {
    const done = (await list()).filter((item) => item.after === id);
    const said = done.map((item) => ({ kind: item.kind, body: statementOf(item).body, item }));
    const valid = said.filter((one) => one.item.state !== 'refused');
    show(rest,
      standing.length ? h('h2', {}, _('What follows')) : null,
      h('ul', { class: 'cards' }, standing.map((one) => finding(one, valid))),
      standing.length ? h('div', { class: 'cards' }, card(standing, valid)) : null,
      said.length ? [h('h2', {}, _('Signed after this check')), h('ul', { class: 'cards' }, said.map(({ kind, body: what, item }) => h('li', { class: 'card', 'data-kind': kind }, h('strong', {}, `${titleOf(kind)} · ${what.code ? textOf(what) : what.batch ?? ''}`), outcomeOf(item))))] : null,
      h('p', {}, h('a', { class: 'button', href: '/plan' }, _('Next shop'))),
      h('p', {}, h('button', { type: 'button', class: 'plain', onclick: () => startAgain(id, again) }, _('Check this shop again'))));
  };
  const draftOf = (form, what) => keepDraft(form, `after ${id} ${what}`);
  const sign = async (root, kind, said, draft) => {
    if (!check(root)) return;
    try {
      await state({
        kind, body: said, title: titleOf(kind), merchant: facts.merchant, after: id, draft: await draft, second: facts.two_officers.includes(kind),
        about: aboutOf(kind, said, { name: facts.name }),
      });
      await redraw();
    } catch (error) {
      showError($('#result'), error);
    }
  };

  function finding(one, done) {
    const ordered = done.find((other) => other.kind === 'rectification.ordered' && nameOf(other.body) === nameOf(one));
    return h('li', { class: 'card bad', 'data-finding': one.code },
      h('h3', {}, textOf(one)),
      detailOf(one) ? h('p', { class: 'quiet' }, detailOf(one)) : null,
      ordered ? h('p', {}, _('Ordered, until {time}', { time: moment(ordered.body.deadline) })) : order(one),
      seal(one, done));
  }

  function order(one) {
    const deadline = latestDeadline(facts.rectification);
    const form = h('form', { novalidate: true },
      h('div', { class: 'field' }, h('label', {}, _('What to do'), ' ', h('textarea', { name: 'what', rows: '2', required: true, maxlength: '500', 'data-missing': _('Say what is to be done.') }, _('Put right at once: {finding}', { finding: textOf(one) })))),
      h('p', { class: 'quiet' }, _('Deadline: {time}', { time: moment(deadline) })),
      h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Give the order'))));
    const draft = draftOf(form, `order ${nameOf(one)}`);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      sign(form, 'rectification.ordered', filled({
        inspection: id, code: one.code, subject: one.subject, what: form.elements.what.value.trim(),
        deadline: instant(Math.floor(latestDeadline(facts.rectification) / 1000) * 1000, 480),
      }), draft);
    });
    return h('details', { 'data-order': one.code }, h('summary', {}, _('Order to put right')), form);
  }

  function seal(one, done) {
    const batch = facts.holdings.find((held) => held.batch === (one.subject ?? '').split(':')[0]);
    if (batch === undefined) return null;
    if (batch.sealed !== null || done.some((other) => other.kind === 'goods.sealed' && other.body.batch === batch.batch)) return h('p', { class: 'quiet' }, _('Batch {batch} is sealed.', { batch: batch.batch }));
    const form = h('form', { novalidate: true },
      h('div', { class: 'field' }, h('label', {}, _('Reason'), ' ', h('textarea', { name: 'reason', rows: '2', required: true, maxlength: '500', 'data-missing': _('Say why.') }, textOf(one)))),
      h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Seal'))));
    const draft = draftOf(form, `seal ${batch.batch}`);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      sign(form, 'goods.sealed', { batch: batch.batch, reason: form.elements.reason.value.trim(), inspection: id }, draft);
    });
    return h('details', { 'data-seal': batch.batch }, h('summary', {}, _('Seal batch {batch}', { batch: batch.batch })), form);
  }

  /** One card for a check, at the step that the rule set asks for. */
  function card(found, done) {
    if (facts.card_steps.length === 0 || done.some((one) => one.kind === 'card.issued')) return null;
    const steps = facts.card_steps;
    const form = h('form', { novalidate: true },
      h('div', { class: 'field' }, h('label', {}, _('For'), ' ', h('select', { name: 'finding' }, found.map((one, at) => h('option', { value: at }, textOf(one)))))),
      h('div', { class: 'field' }, h('label', {}, _('Due by the rule set'), ' ', h('select', { name: 'step' }, steps.map((one, at) => h('option', { value: at }, stepText(one)))))),
      h('div', { class: 'field' }, h('label', {}, _('Reason'), ' ', h('input', { name: 'reason', required: true, maxlength: '500', 'data-missing': _('Say what the violation was.') }))),
      h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Show the card'))));
    const draft = draftOf(form, 'card');
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const one = found[form.elements.finding.value];
      const { ruleset, step, card: colour, closes } = steps[form.elements.step.value];
      sign(form, 'card.issued', filled({ ruleset, step, card: colour, closes, inspection: id, code: one.code, subject: one.subject, reason: form.elements.reason.value.trim() }), draft);
    });
    return h('details', { id: 'card', class: 'card' }, h('summary', {}, _('Card due: {step}', { step: steps.map(stepText).join(' / ') })), form);
  }

  show(place, outcome, rest);
  watch(outcome, id);
  await redraw();
  outcome.focus();
  window.scrollTo(0, 0);
  watchAfter(id, redraw, rest);
}

function stepText(one) {
  const what = _('{card}, violation {step}', { card: code('card', one.card), step: one.step });
  return one.closes ? _('{what}, closes the shop', { what }) : what;
}

/** Draw again when the server has answered, unless somebody has opened something to fill it in. */
function watchAfter(id, redraw, place) {
  let last = '';
  const look = async () => {
    if (!place.isConnected) return removeEventListener('custody:outbox', look);
    const now = JSON.stringify((await list()).filter((item) => item.after === id || item.id === id).map((item) => [item.id, item.state, item.handedInAt]));
    const busy = $('details[open]', place) !== null;
    if (now !== last && !busy) await redraw();
    last = now;
    return undefined;
  };
  addEventListener('custody:outbox', look);
}

/** Somebody wants another check after this one: it is not shown again in this tab. */
function startAgain(id, again) {
  sessionStorage.setItem(AGAIN, id);
  again();
}
