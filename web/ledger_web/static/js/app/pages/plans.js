/**
 * The plans of checks: announced, drawn once their seed is there, voided by two when they cannot be drawn.
 *
 * The secret of an announcement is made here and stays on this phone. It is shown for the draw only when all entries of
 * the seed stand in the history that this phone has verified, and the root they give was checked here.
 */
import { fromHex } from '../../bytes.js';
import { verifyConsistency } from '../../tree.js';
import { load } from '../age.js';
import { send } from '../api.js';
import { consistency, contact, newest } from '../checkpoint.js';
import { $, h, pairs, show } from '../dom.js';
import { check, showError } from '../forms.js';
import { aboutOf, titleOf } from '../officers.js';
import { forgetDrawn, secretFor } from '../secrets.js';
import { showOutcome, state } from '../statements.js';
import { act } from '../trial.js';
import { Trouble } from '../trouble.js';
import { _, moment } from '../words.js';

const result = $('#result');
const AGAIN = { href: '/plans', text: _('Plans of checks') };

async function begin() {
  await forgetDrawn();
  const found = await load('/api/plans');
  if (found === null) return;
  const kept = new Map();
  for (const one of found.plans) kept.set(one.id, await secretFor(one.commitment));
  const open = found.plans.filter((one) => one.drawn === null && one.voided === null && !one.over);
  const ended = found.plans.filter((one) => !open.includes(one));
  show($('#open'), open.length ? open.map((one) => plan(one, kept.get(one.id), found)) : h('li', { class: 'notice wait' }, _('No plan waits to be drawn.')));
  show($('#ended'), ended.length ? h('details', {}, h('summary', {}, _('{count} plans drawn, voided or over', { count: ended.length })),
    h('ul', { class: 'cards' }, ended.map((one) => plan(one, null, found)))) : null);
  if (!found.may_announce) return show($('#new'), h('p', { class: 'notice' }, _('Plans are announced and drawn by the operator, or by an officer whose key is for the whole ledger.')));
  const { announcing } = await import('./plans_announce.js');
  return announcing($('#new'), found, (id) => showOutcome($('#place'), id, { again: AGAIN }));
}

function plan(one, kept, { may_announce: mayAnnounce }) {
  const waits = one.drawn === null && one.voided === null && !one.over;
  return h('li', { class: `card ${waits ? 'wait' : ''}`, 'data-plan': one.id, 'data-state': stateOf(one) },
    h('h2', {}, _('Week {week}', { week: one.week }), one.grid === '*' ? '' : ` · ${one.grid}`),
    h('p', {}, wordsOf(one)),
    pairs([
      [_('Officers'), one.officers.join('、')], [_('Announced'), `${moment(one.announced_at)} · ${one.announced_by.join('、')}`],
      ...(one.checks === null ? [] : [[_('Checks'), String(one.checks)]]),
      ...(one.voided === null ? [] : [[_('Reason'), one.voided.reason]]),
      ...(one.replaces.length === 0 ? [] : [[_('Takes the place of'), _('entry {index}', { index: one.replaces.join('、') })]]),
    ]),
    waits ? h('p', { class: kept ? 'notice good' : 'notice', 'data-secret': kept ? '1' : '0' }, kept ? _('Its secret is on this phone.') : _('Its secret is on the phone or desk that announced it: draw there.')) : null,
    waits && mayAnnounce && kept && one.missing === 0 ? h('div', { class: 'actions' }, h('button', { type: 'button', class: 'primary', 'data-draw': '1', onclick: (event) => drawn(one, kept, event.currentTarget) }, _('Draw the plan'))) : null,
    waits && one.may_void ? voiding(one, kept) : null);
}

const stateOf = (one) => (one.drawn !== null ? 'drawn' : one.voided !== null ? 'voided' : one.over ? 'over' : one.missing ? 'waiting' : 'ready');

function wordsOf(one) {
  return {
    drawn: () => _('Drawn by entry {index}', { index: one.drawn }),
    voided: () => (one.voided.seed_known ? _('Voided by entry {index}, when its seed was known', { index: one.voided.index }) : _('Voided by entry {index}, before its seed was known', { index: one.voided.index })),
    over: () => _('Announced and never drawn'),
    waiting: () => _('Waits for {count} more entries, which give the seed', { count: one.missing }),
    ready: () => _('The seed is there: it can be drawn'),
  }[stateOf(one)]();
}

/** The secret leaves the phone here, and not before: the history that gives the seed is fixed, and was checked. */
async function drawn(one, kept, button) {
  button.disabled = true;
  try {
    await contact();
    const known = await newest();
    const early = Math.max(kept.seedSize, one.seed_size) - known.size;
    if (early > 0) throw new Trouble(_('Too early: {count} entries are still missing in the ledger that this phone has verified.', { count: early }));
    const root = fromHex(one.seed_root ?? '') ?? new Uint8Array();
    await verifyConsistency(kept.seedSize, known.size, await pathTo(kept.seedSize, known.size), root, fromHex(known.root));
    const body = await send('POST', `/api/plans/${one.id}/draw`, { secret: kept.secret });
    if (body.seed_root !== one.seed_root || body.announcement !== one.id || body.secret !== kept.secret) throw new Trouble(_('The server draws from another seed than the ledger gives. Tell an auditor.'));
    const id = await state({ kind: 'plan.drawn', merchant: null, body, title: titleOf('plan.drawn'), about: [[_('Week'), one.week], ...aboutOf('plan.drawn', body)] });
    if (id) await showOutcome($('#place'), id, { again: AGAIN });
  } catch (error) {
    showError(result, error);
  } finally {
    button.disabled = false;
  }
}

const pathTo = (from, to) => (from === to ? [] : consistency(from, to));

function voiding(one, kept) {
  const form = h('form', { novalidate: true },
    h('p', { class: 'quiet' }, _('Two sign it, who did not both announce it; then somebody else may announce the week again. The announcement stays in sight.')),
    kept ? h('p', { class: 'notice wait' }, _('Its secret is on this phone: it can be drawn, today or when its seed is there.')) : null,
    h('div', { class: 'field' }, h('label', {}, _('Why it will not be drawn'), ' ', h('input', { name: 'reason', required: true, maxlength: '500', 'data-missing': _('Say why.') }))),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Void the plan'))));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!check(form)) return;
    try {
      const body = { announcement: one.id, reason: form.elements.reason.value.trim() };
      const id = await act({ kind: 'plan.voided', body, about: [[_('Week'), one.week], [_('Grid'), gridText(one.grid)]] }, { online: true });
      if (id) await showOutcome($('#place'), id, { again: AGAIN });
    } catch (error) {
      showError(result, error);
    }
  });
  return h('details', { 'data-void': '1' }, h('summary', {}, _('It cannot be drawn')), form);
}

const gridText = (grid) => (grid === '*' ? _('the whole ledger') : grid);

begin().catch((error) => showError(result, error));
