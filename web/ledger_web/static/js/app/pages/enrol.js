/** Enrolment: a key is made here, its public half goes with the code, a person grants it. The code stands behind `#`. */
import { toHex, utf8 } from '../../bytes.js';
import { sha256 } from '../../hash.js';
import { DeviceKey } from '../../keys.js';
import { send } from '../api.js';
import { contact } from '../checkpoint.js';
import { $, show } from '../dom.js';
import { fingerprint } from '../fingerprint.js';
import { check, complain, showError } from '../forms.js';
import { scanInto } from '../scan.js';
import { ENROLMENT_TYPE, deviceKey, identity, signAs, signIn } from '../session.js';
import { keepForGood, table } from '../store.js';
import { Problem, Trouble, Unreachable } from '../trouble.js';
import { _, code as nameOf } from '../words.js';

const POLL_MS = 1_500; // somebody waits beside it
const keys = table('keys');
const result = $('#result');

async function begin() {
  if ((await identity()) !== null) return done();
  const waiting = await keys.get('enrolment');
  const fromAddress = decodeURIComponent(location.hash.slice(1));
  if (fromAddress) {
    history.replaceState(null, '', location.pathname); // the code is for this device alone
    $('#code').value = fromAddress;
    if (!waiting) return bring(fromAddress);
  }
  if (waiting) return wait(waiting.code);
  only('ask');
}

function only(name) {
  for (const part of ['ask', 'wait', 'done']) $(`#${part}`).hidden = part !== name;
}

async function bring(code) {
  show(result);
  try {
    await keepForGood();
    const key = (await deviceKey()) ?? (await DeviceKey.make());
    await key.keep(keys);
    const { keyid } = key.public;
    const { ledger } = await send('POST', '/session/challenge', {}, { signedIn: false });
    const invitation = toHex(await sha256(utf8(`custody invitation v1\0${normal(code)}`)));
    const proof = await signAs(ENROLMENT_TYPE, { host: location.host, invitation, keyid, ledger, purpose: 'enrolment' }, key);
    const found = await send('POST', '/enrolment', { code, public_key: key.public.text, proof }, { signedIn: false });
    await keys.put('enrolment', { code, role: found.role, scope: found.scope });
    await wait(code);
  } catch (error) {
    only('ask');
    if (error instanceof Problem && error.body.field === 'code') complain($('#code'), error.body.detail);
    else showError(result, error);
  }
}

async function wait(code) {
  only('wait');
  const about = await keys.get('enrolment');
  show($('#for'), _('For: {role}, {scope}', { role: nameOf('role', about.role), scope: about.scope }));
  const key = await deviceKey();
  show($('#fingerprint'), fingerprint(key.public.keyid));
  for (;;) {
    try {
      const found = await send('POST', '/enrolment/state', { code, keyid: key.public.keyid }, { signedIn: false });
      if (found.state === 'granted') return await enter();
      if (found.state !== 'pending') throw new Trouble(_('This code was withdrawn or is too old: ask for a new one.'));
      show($('#state'), _('Waiting to be granted …'));
    } catch (error) {
      if (!(error instanceof Unreachable || (error instanceof Problem && error.passing))) {
        await keys.remove('enrolment');
        only('ask');
        return showError(result, error);
      }
      show($('#state'), error.message);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function enter() {
  await signIn();
  await keys.remove('enrolment');
  await contact();
  dispatchEvent(new CustomEvent('custody:enrolled'));
  await done();
}

async function done() {
  const me = await identity();
  only('done');
  show($('#now'), _('{role}, {scope}', { role: nameOf('role', me.role), scope: me.scope }));
}

/** As the server writes codes: capitals, without what stands between, and what looks alike as one. */
function normal(code) {
  return code.toUpperCase().replace(/[ \t\r\n-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
}

$('#code-form').addEventListener('submit', (event) => {
  event.preventDefault();
  if (check(event.target)) bring($('#code').value.trim());
});
scanInto($('#scan'), (text) => bring(text.includes('#') ? text.slice(text.indexOf('#') + 1) : text), (error) => showError(result, error));
addEventListener('hashchange', () => begin().catch((error) => showError(result, error)));
begin().catch((error) => showError(result, error));
