/** Orders to put something right, cards that stand, and recalls that ask for an answer. */
import { load } from '../age.js';
import { $, h, show } from '../dom.js';
import { keepDraft } from '../drafts.js';
import { textOf } from '../findings.js';
import { check, complain, filled, micro, quantityOf, showError, valuesOf } from '../forms.js';
import { identity } from '../holders.js';
import { photosOf, watchPhotos } from '../photos.js';
import { showOutcome, state } from '../statements.js';
import { _, code, moment, quantity } from '../words.js';

const result = $('#result');

async function begin() {
  if ((await identity())?.role === 'supervisor') return (await import('./orders_supervisor.js')).begin();
  const mine = await load('/api/mine');
  if (mine === null) return;
  const found = [
    ...(mine.suspension ? [h('li', { class: 'card bad' }, h('h2', {}, _('Suspended')), h('p', {}, mine.suspension.document_number ?? ''))] : []),
    ...mine.cards.map((one) => h('li', { class: 'card bad' }, h('h2', {}, code('card', one.card)),
      h('p', {}, one.reason),
      h('p', {}, one.closes ? _('Closed until a supervisor lifts it.') : _('Put right what it is for; a supervisor lifts it.')))),
    ...mine.recalls.map(recall),
    ...mine.orders.filter((one) => one.state !== 'confirmed').map(order),
  ];
  const done = mine.orders.filter((one) => one.state === 'confirmed');
  show($('#items'), found.length ? found : h('li', { class: 'notice good' }, _('No order is open and no card stands.')),
    done.length ? h('li', {}, h('details', {}, h('summary', {}, _('{count} orders done', { count: done.length })),
      h('ul', {}, done.map((one) => h('li', {}, `${textOf(one)} · ${moment(one.ordered_at)}`))))) : null);
  watchPhotos();
}

function order(one) {
  const reported = one.state === 'reported';
  return h('li', { class: `card ${one.overdue ? 'bad' : 'wait'}`, 'data-order': one.id },
    h('h2', {}, textOf(one)),
    h('p', {}, one.what),
    h('p', { class: 'quiet' }, one.overdue ? _('Overdue since {time}', { time: moment(one.deadline) }) : _('Until {time}', { time: moment(one.deadline) })),
    one.state === 'rejected' ? h('p', { class: 'notice bad' }, _('Sent back: it is not put right yet.')) : null,
    reported ? h('p', { class: 'notice good' }, _('Reported; a supervisor looks at it.')) : report(one));
}

function report(one) {
  const id = `what-${one.index}`;
  const form = h('form', { novalidate: true },
    h('div', { class: 'field' }, h('label', { for: id }, _('What was done')), h('input', { id, name: 'what', required: true, maxlength: '500', 'data-missing': _('Say what was done.') })),
    photoField(),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Report'))));
  const draft = keepDraft(form, `report ${one.id}`);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!check(form)) return;
    const { what } = valuesOf(form);
    const photos = await photosOf($('input[type=file]', form));
    await sign({
      kind: 'rectification.reported', title: _('Rectification report'), photos, draft: await draft,
      body: filled({ order: one.id, what, evidence: photos.map((photo) => photo.body) }),
      about: [[_('Order'), textOf(one)], [_('What was done'), what]],
    });
  });
  return form;
}

function photoField() {
  return h('div', { class: 'field' },
    h('label', { class: 'button plain photo' }, _('Photo'), ' ', h('input', { type: 'file', accept: 'image/*', capture: 'environment', multiple: true, 'data-photos': '1' })), ' ',
    h('span', { 'data-count': '1', class: 'quiet', role: 'status' }));
}

/** What is here and what was sold; what was got by the ledger is offered, and where the rest went is said in words. */
function recall(one) {
  const { unit } = one.held;
  const field = (name, label, value) => h('div', { class: 'field' }, h('label', {}, `${label}（${code('unit', unit)}） `,
    h('input', { name, value, required: true, inputmode: 'decimal', 'data-missing': _('Fill in') })));
  const form = h('form', { novalidate: true },
    h('div', { class: 'row' }, field('found', _('Found here'), one.held.value), field('sold', _('Sold'), one.sold.value)),
    h('div', { class: 'field' }, h('label', {}, _('Where the rest went, what was got back'), ' ', h('textarea', { name: 'note', rows: '2', maxlength: '500' }))),
    photoField(),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Answer the recall'))));
  const draft = keepDraft(form, `recall ${one.id}`);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!check(form)) return;
    const values = valuesOf(form);
    const [found, sold] = [quantityOf(values.found, unit), quantityOf(values.sold, unit)];
    for (const [name, amount] of [['found', found], ['sold', sold]]) {
      const value = micro(amount);
      if (value === null || value < 0n) return complain(form.elements.namedItem(name), _('A number such as 12.5.'));
    }
    const photos = await photosOf($('input[type=file]', form));
    await sign({
      kind: 'recall.answered', title: _('Recall answered'), photos, draft: await draft,
      body: filled({ recall: one.id, found, sold, note: values.note, evidence: photos.map((photo) => photo.body) }),
      about: [[one.name, one.batch], [_('Found here'), quantity(found)], [_('Sold'), quantity(sold)], ...(values.note ? [[_('Note'), values.note]] : [])],
    });
    return undefined;
  });
  return h('li', { class: 'card bad', 'data-recall': one.id },
    h('h2', {}, _('Recall: {name}', { name: one.name })),
    h('p', {}, one.reason),
    h('p', { class: 'quiet' }, one.batch, ' · ', _('Answer by {time}', { time: moment(one.answer_by) })),
    h('p', { class: 'quiet' }, _('By the ledger: got {got}, sold {sold}, holds {held}', { got: quantity(one.got), sold: quantity(one.sold), held: quantity(one.held) })), form);
}

async function sign(statement) {
  try {
    const id = await state(statement);
    if (id) await showOutcome($('#place'), id, { again: { href: '/orders', text: _('Orders') } });
  } catch (error) {
    showError(result, error);
  }
}

begin().catch((error) => showError(result, error));
