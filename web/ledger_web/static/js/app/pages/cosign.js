/** What another officer has signed and this one is to sign too; and what this one signed and waits for another. */
import { parseEnvelope } from '../../dsse.js';
import { utf8 } from '../../bytes.js';
import { parseStatement } from '../../statement.js';
import { load } from '../age.js';
import { $, h, pairs, show } from '../dom.js';
import { showError } from '../forms.js';
import { aboutOf, isAct, titleOf } from '../officers.js';
import { list, statementOf } from '../outbox.js';
import { send, takeBack } from '../sending.js';
import { countersign, showOutcome } from '../statements.js';
import { _, moment } from '../words.js';

const result = $('#result');

async function begin() {
  const mine = (await list()).filter((item) => item.state === 'cosign');
  if (mine.length) await send().catch(() => {}); // perhaps the other officer has signed meanwhile
  await draw();
}

async function draw() {
  const mine = (await list()).filter((item) => item.state === 'cosign');
  const found = await load('/api/cosign');
  const others = (found?.waiting ?? []).filter((one) => !one.mine);
  show($('#place'),
    others.length ? h('ul', { class: 'cards' }, others.map(other)) : h('p', { class: 'notice good' }, _('Nothing waits for your signature.')),
    mine.length ? [h('h2', {}, _('Signed by you, waiting for another officer')), h('ul', { class: 'cards' }, mine.map(own))] : null);
}

function other(one) {
  const envelope = parseEnvelope(utf8(JSON.stringify(one.envelope)));
  const statement = parseStatement(envelope.payload);
  const about = aboutOf(statement.kind, statement.body, { name: one.name ? `${one.name} · ${statement.merchant}` : statement.merchant });
  if (!isAct(statement.kind)) {
    return h('li', { class: 'card bad', 'data-id': one.id }, h('h2', {}, statement.kind),
      h('p', {}, _('This is nothing that officers sign together. It is not signed here: tell the auditor.')), whole(statement));
  }
  const rows = [[_('Signed by'), one.signed_by.join('、')], ...(one.plan ? [[_('Plan'), one.plan]] : []), ...about];
  return h('li', { class: 'card wait', 'data-id': one.id },
    h('h2', {}, titleOf(statement.kind)),
    pairs([...rows, [_('Time'), moment(statement.occurred_at)]]),
    whole(statement),
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'primary', onclick: () => sign(envelope, titleOf(statement.kind), rows) }, _('Sign too'))));
}

/** Above is what matters of it; the signature is under all of it. */
const whole = (statement) => h('details', {},
  h('summary', {}, _('All that is signed')), h('pre', { tabindex: '0' }, JSON.stringify(statement, null, 1)));

async function sign(envelope, title, about) {
  try {
    const id = await countersign({ envelope, title, about });
    if (id) await showOutcome($('#place'), id, { again: { href: '/cosign', text: _('Sign together') } });
  } catch (error) {
    showError(result, error);
  }
}

function own(item) {
  const { kind, body } = statementOf(item);
  return h('li', { class: 'card', 'data-own': item.id },
    h('h2', {}, titleOf(kind)),
    pairs([...(item.merchant ? [[_('Merchant'), item.merchant]] : []), ...aboutOf(kind, body)]),
    h('p', { class: 'quiet' }, item.handedInAt ? _('Handed in: another officer of this place sees it under “Sign together”.') : _('Not handed in yet: it goes when there is a connection.')),
    h('button', { type: 'button', class: 'plain danger', onclick: () => back(item.id) }, _('Take it back')));
}

async function back(id) {
  try {
    await takeBack(id, { title: _('Taken back before the second officer signed') });
    await draw();
  } catch (error) {
    showError(result, error);
  }
}

begin().catch((error) => showError(result, error));
