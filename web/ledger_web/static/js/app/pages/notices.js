/** What an office was told of findings, unanswered first, and its answer, signed on this device. */
import { load } from '../age.js';
import { ask } from '../api.js';
import { $, h, show } from '../dom.js';
import { keepDraft } from '../drafts.js';
import { textOf } from '../findings.js';
import { check, filled, showError, valuesOf } from '../forms.js';
import { identity } from '../holders.js';
import { photosOf, watchPhotos } from '../photos.js';
import { showOutcome, state } from '../statements.js';
import { _, code, moment } from '../words.js';

const result = $('#result');
let names = {};

async function begin() {
  const me = await identity();
  const found = await load('/api/notices');
  if (found === null) return;
  const { data: merchants } = await ask('/api/merchants');
  names = Object.fromEntries(merchants.map((one) => [one.merchant, one]));
  const own = me?.role === 'office' ? found.notices.filter((one) => one.office === me.scope) : found.notices;
  const others = found.notices.filter((one) => !own.includes(one));
  const open = own.filter((one) => one.answered === null).sort((a, b) => a.index - b.index);
  const answered = own.filter((one) => one.answered !== null).sort((a, b) => b.answered - a.answered);
  show($('#sums'), found.notices.length === 0
    ? _('Nobody was told of anything yet.')
    : found.offices.map((one) => _('{office}: {open} of {told} unanswered', { office: one.office, open: one.unanswered, told: one.told })).join(' · '));
  show($('#items'),
    open.length || !own.length ? open.map((one) => notice(one, me)) : h('li', { class: 'notice good' }, _('Every notice is answered.')),
    folded('answered', _('{count} notices answered', { count: answered.length }), answered, me),
    folded('others', _('{count} notices to other offices', { count: others.length }), others, me));
  watchPhotos();
}

function folded(name, title, ones, me) {
  if (ones.length === 0) return null;
  return h('li', {}, h('details', { 'data-part': name }, h('summary', {}, title), h('ul', { class: 'cards' }, ones.map((one) => notice(one, me)))));
}

function notice(one, me) {
  const merchant = names[one.merchant];
  const mine = me?.role === 'office' && me.scope === one.office;
  return h('li', { class: `card ${one.answered === null ? 'wait' : ''}`, 'data-notice': one.id },
    h('h2', {}, textOf(one)),
    h('p', {}, merchant ? `${merchant.name} · ${merchant.grid}` : one.merchant),
    h('p', { class: 'quiet' }, `${one.merchant} · ${moment(one.sent_at)} · ${code('capacity', one.capacity)}${mine ? '' : ` · ${one.office}`}`),
    one.answered !== null ? h('p', { class: 'notice good' }, _('Answered: entry {index}', { index: one.answered }))
      : mine ? answer(one) : h('p', { class: 'notice wait' }, _('Not answered yet.')));
}

function answer(one) {
  const id = `answer-${one.index}`;
  const form = h('form', { novalidate: true },
    h('div', { class: 'field' }, h('label', { for: id }, _('What is done about it')),
      h('textarea', { id, name: 'answer', rows: '2', required: true, maxlength: '2000', 'data-missing': _('Say what is done about it.') })),
    h('div', { class: 'field' },
      h('label', { class: 'button plain photo' }, _('Photo'), ' ', h('input', { type: 'file', accept: 'image/*', capture: 'environment', multiple: true, 'data-photos': '1' })), ' ',
      h('span', { 'data-count': '1', class: 'quiet', role: 'status' })),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Answer'))));
  const draft = keepDraft(form, `notice ${one.id}`);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!check(form)) return;
    const text = valuesOf(form).answer;
    try {
      const photos = await photosOf($('input[type=file]', form));
      const signed = await state({
        kind: 'notice.acknowledged', merchant: one.merchant, title: _('Answer to a notice'), photos, draft: await draft,
        body: filled({ notice: one.id, answer: text, evidence: photos.map((photo) => photo.body) }),
        about: [[_('Notice'), textOf(one)], [_('Merchant'), names[one.merchant]?.name ?? one.merchant], [_('Answer'), text]],
      });
      if (!signed) return;
      await showOutcome($('#place'), signed, { again: { href: '/notices', text: _('Further notices') } });
    } catch (error) {
      showError(result, error);
    }
  });
  return form;
}

begin().catch((error) => showError(result, error));
