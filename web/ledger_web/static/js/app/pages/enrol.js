/**
 * Enrolment: a key is made here, its public half goes with the code, a person grants it. The code stands behind `#`.
 *
 * Where somebody's key is here already, another person may bring one too; that is asked before anything is done.
 */
import { toHex, utf8 } from '../../bytes.js';
import { sha256 } from '../../hash.js';
import { send } from '../api.js';
import { contact } from '../checkpoint.js';
import { $, show } from '../dom.js';
import { fingerprint } from '../fingerprint.js';
import { check, complain, showError } from '../forms.js';
import { abandon, admit, brought, enrolment, holders, identity, keyFor, log, nameOf, workAs } from '../holders.js';
import { scanInto } from '../scan.js';
import { ENROLMENT_TYPE, answerFor, logKey, signAs } from '../session.js';
import { keepForGood } from '../store.js';
import { Problem, Trouble, Unreachable } from '../trouble.js';
import { _, code as codeName } from '../words.js';

const POLL_MS = 1_500; // somebody waits beside it
const result = $('#result');

async function begin() {
  const waiting = await enrolment();
  const fromAddress = decodeURIComponent(location.hash.slice(1));
  if (fromAddress) {
    history.replaceState(null, '', location.pathname); // the code is for this device alone
    $('#code').value = fromAddress;
  }
  if (waiting?.role && (!fromAddress || fromAddress === waiting.code)) return wait(waiting.code);
  const me = await identity();
  if (me !== null) return fromAddress || location.search === '?more' ? another(fromAddress) : done(me);
  if (fromAddress) return bring(fromAddress);
  return only('ask');
}

function only(name) {
  for (const part of ['ask', 'another', 'wait', 'done']) $(`#${part}`).hidden = part !== name;
}

/** Somebody's key is here: is the code for another person who uses this device too? */
async function another(code) {
  only('another');
  show($('#here'), _('On this device so far: {names}.', { names: (await holders()).map(nameOf).join('、') }));
  $('#more').onclick = () => (code ? bring(code) : only('ask'));
}

async function bring(code) {
  show(result);
  try {
    await keepForGood();
    const { ledger } = await send('POST', '/session/challenge', {}, { signedIn: false });
    const mine = await log();
    if (mine !== null && mine.ledger !== ledger) throw new Trouble(_('This is another ledger than the one this device was enrolled with.'));
    const key = await keyFor(code);
    const { keyid } = key.public;
    const invitation = toHex(await sha256(utf8(`custody invitation v1\0${normal(code)}`)));
    const proof = await signAs(ENROLMENT_TYPE, { host: location.host, invitation, keyid, ledger, purpose: 'enrolment' }, key);
    const found = await send('POST', '/enrolment', { code, public_key: key.public.text, proof }, { signedIn: false });
    await brought(code, found);
    await wait(code);
  } catch (error) {
    only('ask');
    if (error instanceof Problem && error.body.field === 'code') complain($('#code'), error.body.detail);
    else showError(result, error);
  }
}

async function wait(code) {
  const about = await enrolment();
  const key = await keyFor(code);
  show($('#for'), _('For: {role}, {scope}', { role: codeName('role', about.role), scope: about.scope }));
  show($('#fingerprint'), fingerprint(key.public.keyid));
  only('wait');
  for (;;) {
    try {
      const found = await send('POST', '/enrolment/state', { code, keyid: key.public.keyid }, { signedIn: false });
      if ((await enrolment())?.code !== code) return undefined; // another code was opened meanwhile
      if (found.state === 'granted') return await enter(key);
      if (found.state !== 'pending') throw new Trouble(_('This code was withdrawn or is too old: ask for a new one.'));
      show($('#state'), _('Waiting to be granted …'));
    } catch (error) {
      if (!(error instanceof Unreachable || (error instanceof Problem && error.passing))) {
        await abandon();
        only('ask');
        return showError(result, error);
      }
      show($('#state'), error.message);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function enter(key) {
  const found = await answerFor(key);
  await admit(key, found, (await log()) ?? { ledger: found.ledger, vkey: await logKey() });
  await contact();
  dispatchEvent(new CustomEvent('custody:enrolled'));
  await done({ ...found, keyid: key.public.keyid });
}

/** `who` has a key here. */
async function done(who) {
  only('done');
  show($('#now'), [codeName('role', who.role), who.scope, who.holder].filter(Boolean).join(' · '));
  const me = await identity();
  const other = $('#work');
  other.hidden = me.keyid === who.keyid;
  other.textContent = _('{name} goes on working on this device. Let {other} work on it now', { name: nameOf(me), other: nameOf(who) });
  other.onclick = async () => {
    await workAs(who.keyid);
    location.assign('/');
  };
}

/** As the server writes codes: capitals, without what stands between, and what looks alike as one. */
function normal(code) {
  return code.toUpperCase().replace(/[ \t\r\n-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
}

$('#code-form').addEventListener('submit', (event) => {
  event.preventDefault();
  if (check(event.target)) bring($('#code').value.trim());
});
$('#also').addEventListener('click', () => another(null));
scanInto($('#scan'), (text) => bring(text.includes('#') ? text.slice(text.indexOf('#') + 1) : text), (error) => showError(result, error));
addEventListener('hashchange', () => begin().catch((error) => showError(result, error)));
begin().catch((error) => showError(result, error));
