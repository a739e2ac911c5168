/** Language, whose keys are on this device, what it has verified, and how much room there is. */
import { send as ask } from '../api.js';
import { lastAlarm, newest } from '../checkpoint.js';
import { $, h, pairs, show } from '../dom.js';
import { saveAs } from '../files.js';
import { showError } from '../forms.js';
import { forget, holders, identity, nameOf, workAs } from '../holders.js';
import { list, signerOf } from '../outbox.js';
import { disclosures, erase, opened } from '../sealing.js';
import { waitingSecrets } from '../secrets.js';
import { send } from '../sending.js';
import { keepForGood, room } from '../store.js';
import { _, code, moment } from '../words.js';

const MIB = 1 << 20;

async function begin() {
  await showHolders();
  const checkpoint = await newest();
  show($('#checkpoint'), checkpoint === null
    ? h('p', { class: 'quiet' }, _('None yet.'))
    : pairs([[_('Entries'), String(checkpoint.size)], [_('Root'), h('code', {}, checkpoint.root)]]));
  const alarm = await lastAlarm();
  if (alarm) {
    $('#checkpoint').append(h('div', { class: 'notice bad' },
      h('strong', {}, _('On {time} a server showed a changed ledger. Both checkpoints are kept here.', { time: moment(alarm.at) })),
      h('details', {}, h('summary', {}, _('Evidence')), h('pre', { tabindex: '0' }, `${alarm.remembered}\n\n${alarm.shown}`))));
  }
  await showSealed();
  await showSecrets();
  await showRoom();
}

/** Plans that only this phone can draw. */
async function showSecrets() {
  const waiting = await waitingSecrets();
  $('#secrets').hidden = waiting.length === 0;
  show($('#secrets ul'), waiting.map((one) => h('li', { class: 'card wait', 'data-commitment': one.commitment },
    h('strong', {}, _('Week {week}', { week: one.week })), one.grid === '*' ? '' : ` · ${one.grid}`,
    h('p', { class: 'quiet' }, _('Made {time}; it leaves this phone when the plan is drawn, which needs {count} entries.', { time: moment(one.madeAt), count: one.seedSize })))));
}

/** Everybody whose key is here; one is at work. */
async function showHolders() {
  const me = await identity();
  const all = await holders();
  show($('#holders'), all.length ? all.map((one) => card(one, one.keyid === me?.keyid, all.length > 1)) : h('li', { class: 'card' }, _('Nobody is enrolled on this device.')));
  show($('#more'), h('a', { class: 'button plain', href: all.length ? '/enrol?more' : '/enrol' }, all.length ? _('Enrol another person on this device') : _('Enrol this device')));
}

function card(one, working, several) {
  return h('li', { class: `card ${one.revoked ? 'bad' : ''}`, 'data-holder': one.keyid, 'data-working': working ? '1' : null },
    h('h3', {}, nameOf(one)),
    one.revoked ? h('p', { class: 'notice bad' }, _('This key was revoked: nothing signed with it counts any more, and it cannot be granted again. Make a new one.')) : null,
    pairs([[_('Role'), code('role', one.role)], [_('Scope'), one.scope ?? ''], [_('Key'), h('code', {}, one.keyid)]]),
    h('div', { class: 'actions' },
      working ? several ? h('p', { class: 'quiet' }, _('At work on this device')) : null
        : h('button', { type: 'button', class: 'primary', onclick: () => change(one).catch(wrong) }, _('{name} works on it now', { name: nameOf(one) })),
      h('button', { type: 'button', class: 'plain danger', onclick: () => leave(one).catch(wrong) }, one.revoked ? _('Enrol anew') : _('Destroy this key'))));
}

async function change(one) {
  await workAs(one.keyid);
  location.assign('/');
}

/** Destroy a key, after saying what goes and what stays. What waits is sent first, as far as that works. */
async function leave(one) {
  await send().catch(() => {});
  const waiting = (await list()).filter((item) => ['waiting', 'cosign'].includes(item.state) && signerOf(item) === one.keyid);
  const second = waiting.filter((item) => item.state === 'cosign').length;
  const dialog = h('dialog', { class: 'sheet', 'aria-labelledby': 'leave-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'leave-title' }, _('Destroy the key of {name} on this device?', { name: nameOf(one) })),
      h('ul', {},
        h('li', {}, _('To record again, {name} needs a new code and a new key.', { name: nameOf(one) })),
        one.revoked ? null : h('li', {}, _('The ledger still knows the key: let your supervisor or the operator revoke it too.')),
        h('li', {}, _('What was signed stays on this phone and is still sent; so do the ledger’s key and the state of it verified here.')),
        waiting.length ? h('li', { 'data-waiting': waiting.length }, _('{count} signed records wait. Their photos go only after somebody is enrolled here.', { count: waiting.length })) : null,
        second ? h('li', {}, _('{count} of them wait for a second officer. They are handed in by nobody else: let the second officer sign first.', { count: second })) : null),
      h('div', { class: 'actions' },
        h('button', { value: 'yes', class: 'primary' }, _('Destroy the key')),
        h('button', { value: '', class: 'plain', autofocus: true }, _('Back')))));
  document.body.append(dialog);
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener('close', resolve));
  dialog.remove();
  if (dialog.returnValue !== 'yes') return;
  await ask('DELETE', '/session', undefined, { signedIn: false }).catch(() => {});
  await forget(one.keyid);
  dispatchEvent(new CustomEvent('custody:enrolled'));
  if ((await identity()) === null) location.assign('/enrol');
  else if (one.revoked) location.assign('/enrol?more');
  else await showHolders();
}

const wrong = (error) => showError($('#result'), error);

/** Names and phones of people, which only this phone has: looked at, shown to an officer, saved, erased. */
async function showSealed() {
  const all = await disclosures();
  show($('#sealed'), all.length === 0 ? h('p', { class: 'quiet' }, _('None yet.')) : [
    h('p', { class: 'quiet' }, _('Only this phone has these texts. Save them, so that they are not lost with it.')),
    h('button', { type: 'button', class: 'plain', id: 'save-sealed', onclick: () => saveAs(new Blob([JSON.stringify(all, null, 1)], { type: 'application/json' }), 'custody-sealed.json') }, _('Save all to a file')),
    h('ul', { class: 'cards' }, all.map(sealedCard)),
  ]);
}

function sealedCard(one) {
  const { value } = opened(one);
  return h('li', { class: 'card', 'data-sealed': one.digest },
    h('h3', {}, `${code('kind', one.kind)} · ${moment(one.at)}`),
    h('details', {}, h('summary', {}, _('Show')), h('p', {}, value), h('p', { class: 'quiet' }, one.digest)),
    h('details', {}, h('summary', {}, _('Erase')), h('p', {}, _('The entry stays; nobody will be able to read this value any more.')),
      h('button', { type: 'button', class: 'plain danger', onclick: () => erase(one.digest).then(showSealed).catch((error) => showError($('#result'), error)) }, _('Erase for ever'))));
}

async function showRoom() {
  const { used, quota, persisted } = await room();
  const low = used !== null && quota - used < 50 * MIB;
  show($('#room'),
    pairs([
      [_('Used'), used === null ? '–' : `${(used / MIB).toFixed(1)} MB`],
      [_('Free for this page'), quota === null ? '–' : `${((quota - used) / MIB).toFixed(0)} MB`],
      [_('Kept for good'), persisted ? _('Yes') : _('No: the browser may clear it when the phone is full')],
    ]),
    low ? h('p', { class: 'notice bad' }, _('There is little room left: free some space, or what you sign may not be kept.')) : null,
    persisted ? null : h('button', { type: 'button', class: 'plain', onclick: async () => {
      await keepForGood();
      await showRoom();
    } }, _('Ask the browser to keep it')));
}

begin().catch((error) => showError($('#result'), error));
