/** Devices of others: a code as QR for a new one, its number compared and granted, a lost one's key revoked. */
import { PublicKey } from '../../keys.js';
import { ask, send } from '../api.js';
import { $, h, pairs, show } from '../dom.js';
import { check, filled, showError, valuesOf } from '../forms.js';
import { fingerprint } from '../fingerprint.js';
import { identity } from '../session.js';
import { showOutcome, state } from '../statements.js';
import { Trouble, Unreachable } from '../trouble.js';
import { _, choices, code as nameOf, moment } from '../words.js';

const POLL_MS = 2_000; // somebody stands beside it
const OF_A_MERCHANT = ['merchant', 'device'];
const form = $('#form');
const result = $('#result');
let names = {};
let shown = '';

async function begin() {
  const me = await identity();
  if (!['supervisor', 'operator'].includes(me?.role)) throw new Trouble(_('Devices are granted by supervisors and operators.'));
  const roles = choices('role').filter(([role]) => me.role === 'operator' || OF_A_MERCHANT.includes(role));
  show($('#role'), roles.map(([role, name]) => h('option', { value: role, selected: role === 'merchant' }, name)));
  form.hidden = false;
  arrange();
  const { data } = await ask('/api/merchants');
  names = Object.fromEntries(data.map((one) => [one.merchant, one.name]));
  show($('#merchants'), data.map((one) => h('option', { value: one.merchant, label: one.name })));
  await choose();
  await follow();
}

function arrange() {
  const merchants = OF_A_MERCHANT.includes($('#role').value);
  $('#holder-field').hidden = merchants;
  show($('#scope-label'), merchants ? _('Merchant (credit code)') : _('Scope: grid, office, or * for all'));
  if (merchants) $('#scope').setAttribute('list', 'merchants');
  else $('#scope').removeAttribute('list');
}

/** Whose it is, by name, and what keys there are of it. */
async function choose() {
  const scope = scopeOf();
  show($('#who'), names[scope] ?? '');
  const { keys } = scope ? await send('GET', `/enrolment/keys?scope=${encodeURIComponent(scope)}`) : { keys: [] };
  const inForce = keys.filter((one) => one.revoked_at === null);
  $('#granted').hidden = scope === '';
  show($('#keys'), inForce.length ? inForce.map(granted) : h('li', { class: 'quiet' }, _('None.')));
}

const scopeOf = () => {
  const text = $('#scope').value.trim();
  return OF_A_MERCHANT.includes($('#role').value) ? text.toUpperCase() : text;
};

function granted(one) {
  const id = `why-${one.keyid.slice(0, 16)}`;
  const why = h('form', { novalidate: true },
    h('div', { class: 'field' }, h('label', { for: id }, _('Why')),
      h('input', { id, name: 'reason', required: true, maxlength: '2000', 'data-missing': _('Say why, such as: the phone was lost.') })),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Revoke'))));
  why.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!check(why)) return;
    const { reason } = valuesOf(why);
    statement('key.revoked', _('Revoke a key'), { keyid: one.keyid, reason }, [...about(one), [_('Why'), reason]]);
  });
  return h('li', { class: 'card', 'data-key': one.keyid },
    h('p', {}, h('strong', {}, [nameOf('role', one.role), one.holder].filter(Boolean).join(' · '))),
    h('p', { class: 'quiet' }, _('{number}, granted by entry {index}', { number: fingerprint(one.keyid), index: one.granted_at })),
    h('details', {}, h('summary', {}, _('The device is lost, or no longer used')), why));
}

/** What waits, until nobody looks any more. */
async function follow() {
  for (;;) {
    if (!document.hidden) {
      try {
        const { invitations } = await send('GET', '/enrolment/invitations');
        await list(invitations);
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        show($('#waiting'), h('li', { class: 'notice wait' }, error.message));
        shown = '';
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Drawn anew only when it changed: a finger may be on its way to a button. */
async function list(invitations) {
  const waiting = invitations.filter((one) => ['open', 'pending'].includes(one.state));
  const now = JSON.stringify(waiting);
  if (now === shown) return;
  shown = now;
  show($('#waiting'), waiting.length ? await Promise.all(waiting.map(item)) : h('li', { class: 'notice good' }, _('No device waits.')));
  if (!waiting.some((one) => one.name === $('#code').dataset.name)) show($('#code'));
}

async function item(one) {
  const key = one.body && (await PublicKey.fromText(one.body.public_key)); // its number is computed here, from what would be granted
  return h('li', { class: `card ${one.contested ? 'bad' : 'wait'}`, 'data-invitation': one.name, 'data-state': one.state },
    h('p', {}, h('strong', {}, names[one.scope] ?? one.scope)),
    h('p', { class: 'quiet' }, [nameOf('role', one.role), one.scope, one.holder].filter(Boolean).join(' · ')),
    key === null
      ? h('p', {}, _('The code {name}… is not used yet; it holds until {time}.', { name: one.name, time: moment(one.expires) }))
      : [h('p', {}, _('Does the device show this number?')), h('p', { class: 'fingerprint' }, fingerprint(key.keyid))],
    one.contested ? h('p', { class: 'notice bad' }, _('Another device has tried this code too: somebody else has seen it. Withdraw it and make a new one.')) : null,
    h('div', { class: 'actions' },
      key === null || one.contested ? null : h('button', { type: 'button', class: 'primary', onclick: () => grant(one, key) }, _('The same: grant')),
      h('button', { type: 'button', class: 'plain', onclick: () => withdraw(one) }, key === null || one.contested ? _('Withdraw') : _('Another number: withdraw'))));
}

const about = (one) => [[_('Role'), nameOf('role', one.role)], [_('Scope'), [names[one.scope], one.scope].filter(Boolean).join(' · ')], [_('Number'), fingerprint(one.keyid)]];

const grant = (one, key) => statement('key.granted', _('Grant a device'), one.body, about({ ...one, keyid: key.keyid }));

async function withdraw(one) {
  try {
    await send('DELETE', `/enrolment/invitations/${encodeURIComponent(one.name)}`);
    show(result);
  } catch (error) {
    showError(result, error);
  }
}

async function statement(kind, title, body, lines) {
  try {
    show(result);
    const signed = await state({ kind, merchant: null, title, body, about: lines });
    if (signed) await showOutcome($('#outcome'), signed);
  } catch (error) {
    showError(result, error);
  }
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!check(form)) return;
  const holder = OF_A_MERCHANT.includes($('#role').value) ? undefined : valuesOf(form).holder;
  try {
    show(result);
    const made = await send('POST', '/enrolment/invitations', filled({ role: $('#role').value, scope: scopeOf(), holder }));
    $('#code').dataset.name = made.name;
    show($('#code'),
      h('p', {}, _('Scan this with the new device. The code holds once, until {time}.', { time: moment(made.expires_ms) })),
      h('img', { class: 'qr', alt: _('QR code that opens the enrolment page'), src: `data:image/svg+xml,${encodeURIComponent(made.qr)}` }),
      pairs([[_('Code'), made.code], [_('Address'), made.url.split('#')[0]]]));
    $('#code').scrollIntoView({ block: 'nearest' });
  } catch (error) {
    showError(result, error);
  }
});
form.addEventListener('change', () => {
  arrange();
  choose().catch((error) => showError(result, error));
});
addEventListener('custody:outbox', () => choose().catch(() => {})); // a revoked key leaves the list; without network it stays
begin().catch((error) => showError(result, error));
