/** Sealed goods in this officer's place, releasing them with a reason, and sealing a batch without a check. */
import { loadPage, older } from '../age.js';
import { send } from '../api.js';
import { $, h, pairs, show } from '../dom.js';
import { check, filled, showError } from '../forms.js';
import { showOutcome } from '../statements.js';
import { act } from '../trial.js';
import { Trouble } from '../trouble.js';
import { _, moment, quantity } from '../words.js';

const result = $('#result');
const AGAIN = { href: '/seals', text: _('Sealed goods') };

async function begin() {
  const found = await loadPage('/api/measures/seals');
  if (found === null) return;
  show($('#items'), found.seals.length ? found.seals.map(seal) : h('li', { class: 'notice good' }, _('Nothing is sealed.')), older(found));
}

function seal(one) {
  return h('li', { class: 'card bad', 'data-seal': one.id },
    h('h2', {}, `${one.goods} · ${one.batch}`),
    h('p', { class: 'quiet' }, [one.name, one.address].filter(Boolean).join(' · ')),
    pairs([
      [_('Reason'), one.reason], ...(one.document_number ? [[_('Document number'), one.document_number]] : []),
      [_('Sealed'), `${moment(one.sealed_at)} · ${one.officers.join('、')}`],
      [_('Held'), one.held.length ? one.held.map((held) => `${held.name} ${quantity(held.quantity)}`).join('；') : _('nothing left')],
    ]),
    releasing(one));
}

function releasing(one) {
  const form = h('form', { novalidate: true },
    h('div', { class: 'field' }, h('label', {}, _('Why it is released'), ' ', h('input', { name: 'reason', required: true, maxlength: '500', 'data-missing': _('Say why.') }))),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Release'))));
  return h('details', { 'data-release': one.batch }, h('summary', {}, _('Release the goods')), submitting(form, async () => {
    const body = { seal: one.id, reason: form.elements.reason.value.trim() };
    return act({ kind: 'goods.released', merchant: one.merchant, name: one.name, body, about: [[_('Batch'), `${one.goods} ${one.batch}`]] });
  }));
}

function submitting(form, work) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!check(form)) return;
    try {
      const id = await work();
      if (id) await showOutcome($('#place'), id, { again: AGAIN });
    } catch (error) {
      showError(result, error);
    }
  });
  return form;
}

/** Where the batch is, the ledger knows; where several hold it, the one with most is asked first. */
submitting($('#seal'), async () => {
  const form = $('#seal');
  const value = (name) => form.elements[name].value.trim();
  const found = await send('GET', `/api/batches/${encodeURIComponent(value('batch'))}`);
  const [merchant] = Object.entries(found.holders).filter(([, held]) => held.value !== '0').sort(([, a], [, b]) => Number(b.value) - Number(a.value)).map(([code]) => code);
  if (merchant === undefined) throw new Trouble(_('Nobody in your place holds any of this batch.'));
  const body = filled({ batch: found.batch, reason: value('reason'), document_number: value('number') });
  return act({ kind: 'goods.sealed', merchant, name: found.names[merchant] ?? merchant, body });
});

begin().catch((error) => showError(result, error));
