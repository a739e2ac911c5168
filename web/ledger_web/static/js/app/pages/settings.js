/** Language, what this device is, what it has verified, and how much room there is. */
import { lastAlarm, newest } from '../checkpoint.js';
import { $, h, pairs, show } from '../dom.js';
import { saveAs } from '../files.js';
import { showError } from '../forms.js';
import { disclosures, erase, opened } from '../sealing.js';
import { waitingSecrets } from '../secrets.js';
import { identity } from '../session.js';
import { keepForGood, room } from '../store.js';
import { _, code, moment } from '../words.js';

const MIB = 1 << 20;

async function begin() {
  const me = await identity();
  show($('#device'), me === null
    ? h('p', {}, _('Not enrolled. '), h('a', { href: '/enrol' }, _('Enrol this device')))
    : pairs([
      [_('Role'), code('role', me.role)], [_('Scope'), me.scope ?? ''], ...(me.holder ? [[_('Holder'), me.holder]] : []),
      [_('Ledger'), me.ledger], [_('Key'), h('code', {}, me.keyid)],
    ]));
  const checkpoint = me === null ? null : await newest();
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

/** Plans that only this phone can draw. */
async function showSecrets() {
  const waiting = await waitingSecrets();
  $('#secrets').hidden = waiting.length === 0;
  show($('#secrets ul'), waiting.map((one) => h('li', { class: 'card wait', 'data-commitment': one.commitment },
    h('strong', {}, _('Week {week}', { week: one.week })), one.grid === '*' ? '' : ` · ${one.grid}`,
    h('p', { class: 'quiet' }, _('Made {time}; it leaves this phone when the plan is drawn, which needs {count} entries.', { time: moment(one.madeAt), count: one.seedSize })))));
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
