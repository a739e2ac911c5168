/**
 * What every page does: tabs of the role, badge of the queue, language, alarm, sending what waits.
 *
 * Loaded by `base.html.j2` beside the module of the page itself, which it knows nothing of.
 */
import { refresh } from './api.js';
import { acknowledge, alarm, contact } from './checkpoint.js';
import { $, $$, h, show } from './dom.js';
import { wanted } from './background.js';
import { mark, marked } from './beside.js';
import { saveEvidence } from './evidence.js';
import { counts, forgetLost, lost } from './outbox.js';
import { proveReceipts } from './receipts.js';
import { send } from './sending.js';
import { identity } from './session.js';
import { Unreachable, say } from './trouble.js';
import { _, code, moment } from './words.js';

const EVERY_MS = 30_000;
const OVER_ALL = ['/api/merchants', '/api/coverage', '/api/orders?overdue=true', '/api/cards?standing=true'];
const AT_HAND = { // by role, what its pages need without network
  merchant: ['/api/mine'],
  supervisor: ['/api/duty', '/api/duty/orders', '/api/cosign', '/api/merchants'],
  office: ['/api/notices', '/api/notices?unanswered=true', '/api/coverage?missed=true', ...OVER_ALL],
  auditor: OVER_ALL,
  operator: OVER_ALL,
};

// ---------------------------------------------------------------------- role

/** Show what is for the role of this device, and tabs for roles that have none of their own. */
async function dress() {
  const me = await identity();
  const role = me?.role ?? 'none';
  for (const part of $$('[data-role]')) part.hidden = part.dataset.role !== role;
  const tabs = $$('nav.tabs');
  if (tabs.every((one) => one.hidden)) $('nav.tabs[data-role=""]').hidden = false;
  document.body.dataset.as = role;
}

// ---------------------------------------------------------------------- queue

async function badge() {
  const { waiting, stuck, refused } = await counts();
  const place = $('#queue-count');
  place.hidden = waiting + refused === 0;
  place.textContent = String(waiting + refused);
  place.classList.toggle('bad', refused + stuck > 0);
  sayStuck(stuck);
  const words = refused ? _('{refused} refused, {waiting} waiting', { refused, waiting }) : _('{waiting} waiting', { waiting });
  place.setAttribute('title', words);
  $('.queue').setAttribute('aria-label', waiting + refused ? `${_('Queue')}: ${words}` : _('Queue'));
}

/** Take the chance of a connection: send what waits, and look whether the ledger is still the one we know. */
async function meet() {
  const me = await identity();
  if (me === null) return;
  let online = navigator.onLine;
  try {
    const { error } = await send();
    if (error !== null) wanted();
    online = !(error instanceof Unreachable);
    if (online) {
      await contact();
      await prove();
      for (const path of AT_HAND[me.role] ?? []) await refresh(path);
      if (me.role === 'supervisor') await (await import('./duty.js')).prepareToday();
    }
  } catch (error) {
    if (error instanceof Unreachable) online = false;
    else if ((await alarm()) === null) trouble(error);
  }
  $('#offline').hidden = online;
}

let proving = false;

/** What was accepted is looked for in the ledger at once, and at the next contact if that did not work. */
async function prove() {
  if (proving) return;
  proving = true;
  try {
    await proveReceipts();
  } catch (error) {
    if (!(error instanceof Unreachable) && (await alarm()) === null) trouble(error);
  } finally {
    proving = false;
  }
}

// ---------------------------------------------------------------------- what goes wrong

/** The server fails on something that was signed here: said on every page until it is through. */
function sayStuck(count) {
  $('#stuck')?.remove();
  if (count === 0) return;
  $('#trouble').after(h('div', { id: 'stuck', class: 'notice bad', role: 'alert' },
    h('strong', {}, _('{count} signed records do not get through: the server fails on them', { count })),
    h('p', {}, h('a', { href: '/queue' }, _('See which and why')))));
}

function trouble(error) {
  const { title, detail } = say(error);
  show($('#trouble'), h('div', { class: 'notice bad', role: 'alert' }, h('strong', {}, title), h('p', {}, detail)));
}

/** A key that was here and is not any more: the device is a stranger to the ledger, which its owner has to know. */
function sayKeyLost({ keyid, role, scope }) {
  const box = h('div', { class: 'notice bad', role: 'alert', 'data-key-lost': keyid },
    h('strong', {}, _('This phone was enrolled, and its key is gone')),
    h('p', {}, _('The browser’s data was cleared, with everything that was kept here. Ask for a new enrolment code, and have the old key revoked.')),
    h('p', { class: 'quiet' }, [code('role', role), scope, keyid].filter(Boolean).join(' · ')),
    h('button', { type: 'button', class: 'plain', onclick: () => {
      mark('device', null);
      box.remove();
    } }, _('I have read this')));
  $('#trouble').after(box);
}

/** What the browser threw away before it was sent is said until somebody has read it. */
function sayLost(gone) {
  if (gone.length === 0) return;
  const box = h('div', { class: 'notice bad', role: 'alert', 'data-lost': gone.length },
    h('strong', {}, _('{count} signed records that waited on this phone are gone', { count: gone.length })),
    h('p', {}, _('The browser’s data was cleared before this phone heard that they arrived. Look through your records and sign anew what is missing.')),
    h('button', { type: 'button', class: 'plain', onclick: async () => {
      await forgetLost();
      box.remove();
    } }, _('I have read this')));
  $('#trouble').after(box);
}

async function sound() {
  const standing = await alarm();
  if (standing === null || $('#alarm')) return;
  const reasons = {
    history: _('The server shows a history that does not continue the one this phone has verified. Entries were changed, dropped or put in.'),
    fewer: _('The server has fewer entries than this phone has verified, and cannot prove that they are the same. It may have been set back to an old copy.'),
    unproved: _('The server shows newer checkpoints, but again and again gives no proof that they continue the history this phone has verified.'),
    withheld: _('The server has called a statement of this phone accepted, and again and again gives no proof that it is in the ledger. The receipt stands below.'),
    denied: _('The server has called a statement of this phone accepted, and it is not in the ledger where the receipt says. The receipt stands below.'),
    unlinked: _('A proof shows a state that the ledger’s own key has signed, and the server cannot connect it with the history this device has verified. One of the two may belong to another history.'),
    key: _('A key was read or typed here that goes by the name of this ledger and is not the one this device was enrolled with. Either what was read is false, or this device was enrolled at a false server. It keeps to the key of its enrolment.'),
    log: _('The server’s checkpoint is not signed by the key of the ledger this phone was enrolled with. It may be another server.'),
  };
  const titles = { unproved: _('The server gives no proof'), withheld: _('The server gives no proof'), denied: _('A receipt does not hold'), unlinked: _('Two states that do not connect'), key: _('Another key for this ledger') };
  const [mine, other] = standing.reason === 'key'
    ? [_('Key of the enrolment'), _('Key given here {time}', { time: moment(standing.at) })]
    : [_('Verified here before'), standing.reason === 'unlinked' ? _('Shown by the proof {time}', { time: moment(standing.at) }) : _('Shown by the server {time}', { time: moment(standing.at) })];
  const dialog = h('dialog', { id: 'alarm', class: 'alarm', 'aria-labelledby': 'alarm-title' },
    h('h2', { id: 'alarm-title', tabindex: '-1', autofocus: true }, titles[standing.reason] ?? _('The ledger was changed')),
    h('p', {}, reasons[standing.reason]),
    h('ul', {},
      h('li', {}, _('Keep this phone as it is: it holds the proof.')),
      h('li', {}, _('Call your supervisor or the auditor and show them this.')),
      h('li', {}, _('Nothing is signed on this phone until you have read this.'))),
    h('h3', {}, mine), h('pre', { tabindex: '0' }, standing.remembered || _('none')),
    h('h3', {}, other), h('pre', { tabindex: '0' }, standing.shown),
    h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'plain', onclick: () => saveEvidence(standing) }, _('Save the evidence')),
      h('button', { type: 'button', class: 'primary', onclick: async () => {
        await acknowledge();
        dialog.close();
        dialog.remove();
      } }, _('I have read this'))));
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
}

// ---------------------------------------------------------------------- language

for (const button of $$('button[data-lang]')) {
  button.addEventListener('click', () => {
    document.cookie = `lang=${button.dataset.lang}; path=/; max-age=31536000; samesite=lax`;
    const url = new URL(location.href);
    url.searchParams.delete('lang');
    const turn = () => location.replace(url.href);
    // Without network the service worker has the page in both languages; it must know first which one is wanted.
    if (!navigator.serviceWorker?.controller) return turn();
    const channel = new MessageChannel();
    channel.port1.onmessage = turn;
    navigator.serviceWorker.controller.postMessage({ language: button.dataset.lang }, [channel.port2]);
    setTimeout(turn, 1500);
  });
}

// ---------------------------------------------------------------------- begin

/** Look whether all is there that was. */
async function miss() {
  const gone = await lost();
  sayLost(gone);
  if (gone.length === 0) await forgetLost(); // the service worker cannot write the note
  if (marked('sealed')?.length) await missSealed();
  const me = await identity();
  const before = marked('device');
  if (me !== null) mark('device', { keyid: me.keyid, role: me.role, scope: me.scope });
  else if (before !== null && !$('[data-key-lost]')) sayKeyLost(before);
}

/** What was sealed here and is gone can be read by nobody any more. */
async function missSealed() {
  const { lostSealed, noteSealed } = await import('./sealing.js');
  const count = await lostSealed();
  if (count === 0) return;
  const box = h('div', { class: 'notice bad', role: 'alert', 'data-sealed-lost': count },
    h('strong', {}, _('{count} sealed values that were on this phone are gone', { count })),
    h('p', {}, _('The browser’s data was cleared. The entries stand, and every proof holds; nobody can read these names and phones any more.')),
    h('button', { type: 'button', class: 'plain', onclick: async () => {
      await noteSealed();
      box.remove();
    } }, _('I have read this')));
  $('#trouble').after(box);
}

async function begin() {
  await dress();
  await miss();
  await badge();
  await sound();
  await meet();
}

addEventListener('custody:outbox', () => badge().then(prove).catch(trouble));
addEventListener('custody:alarm', () => sound().catch(trouble));
addEventListener('custody:enrolled', () => dress().then(miss).then(meet).catch(trouble));
addEventListener('custody:trouble', (event) => trouble(event.detail));
addEventListener('online', () => meet().catch(trouble));
addEventListener('offline', () => {
  $('#offline').hidden = false;
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') meet().catch(trouble);
});
setInterval(() => {
  if (document.visibilityState === 'visible') waits().then((some) => some && meet()).catch(trouble);
}, EVERY_MS);

const waits = async () => (await counts()).waiting > 0;

/** As a module where the browser can, which sends in the background too; else without that. */
async function work() {
  const options = { updateViaCache: 'none' };
  try {
    await navigator.serviceWorker.register('/sw-module.js', { ...options, type: 'module' });
  } catch {
    await navigator.serviceWorker.register('/sw.js', options);
  }
}

if ('serviceWorker' in navigator) {
  work().catch((error) => console.warn('no service worker: pages will not open without network', error));
}
begin().catch(trouble);
