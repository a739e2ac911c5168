/**
 * From a filled form to a signed statement that waits to be sent.
 *
 *     const done = await state({
 *       kind: 'disinfection.logged', body, photos, about: [[_('Agent'), '75 %']], title: _('Disinfection'),
 *     })
 *     // false when the person thought better of it
 *
 * What is about to be signed is shown first, in words; the signature pins the newest checkpoint this device has
 * verified. Nothing is signed while an alarm stands. What the server says of it comes later (`outbox.js`): until then
 * it waits, and is shown so.
 */
import { fromUtf8 } from '../bytes.js';
import { addSignatures, encodeEnvelope, sign } from '../dsse.js';
import { makeStatement, parseStatement } from '../statement.js';
import { instant } from '../times.js';
import { wanted } from './background.js';
import { alarm, seen } from './checkpoint.js';
import { ahead } from './clock.js';
import { h, pairs, show } from './dom.js';
import { holders, identity, keyOf, nameOf } from './holders.js';
import { find, put, seconded, statementOf } from './outbox.js';
import { noteSealed } from './sealing.js';
import { send } from './sending.js';
import { NotEnrolled, Trouble } from './trouble.js';
import { _, moment } from './words.js';

const MINUTE = 60_000;
const A_TIME = /"\d{4}-\d{2}-\d{2}T/; // a body that says when itself

/**
 * Show, sign, keep and send. `merchant`: whom it is about, by default the one this device speaks for. `pinned`: the
 * checkpoint it was made against, where that is not the newest; `second`: another officer must sign it too; `after`: the
 * id of the statement it rests on; `sealed`: disclosures of what is sealed in it; `draft`: what it was made from, which
 * ends with it; `replaces`: the id of a refused one.
 */
export async function state({
  kind, body, title, about, photos = [], merchant = undefined, occurredAt = null, pinned = null, second = false, after = null,
  sealed = [], draft = null, replaces = null,
}) {
  await requireCalm();
  const me = await identity();
  const key = me && (await keyOf(me.keyid));
  if (!key) throw new NotEnrolled();
  const whose = merchant === undefined ? me.scope : merchant;
  if (!(await confirmed(title, [...(await signer(me)), ...about], photos.length, occurredAt))) return false;
  await requireCalm();
  const payload = makeStatement(
    { body, kind, ledger: me.ledger, merchant: whose, seen: pinned ?? (await seen()), occurred_at: occurredAt },
    { now: Date.now(), offset: 480, random: (count) => crypto.getRandomValues(new Uint8Array(count)) },
  );
  const envelope = fromUtf8(encodeEnvelope(await sign(payload, [key])));
  const { id } = parseStatement(payload);
  draft?.pause();
  await put({
    id, kind, merchant: whose, envelope, photos: photos.map((one) => one.photo),
    about: [[_('What'), title], ...about.map(([name, shown, kept = shown]) => [name, kept])],
    second, after, sealed, replaces, draft: draft?.key ?? null,
  });
  if (sealed.length) noteSealed().catch(() => {}); // it is kept, whatever happens to the mark
  sendNow();
  return id;
}

/** Whether a refused statement can be signed again as it is, with the time put right. */
export const canSignAgain = (item) => item.state === 'refused' && !item.replacedBy && item.problem.code === 'TimeRefused'
  && item.problem.field === 'occurred_at' && item.ahead > 0 && !A_TIME.test(JSON.stringify(statementOf(item).body));

/** The same again, at the time it was by the server's clock. `false` when thought better of. */
export async function signAgain(item) {
  const { kind, body, merchant } = statementOf(item);
  const [[, title], ...about] = item.about;
  return state({ kind, body, merchant, title, about, occurredAt: instant(item.signedAt - item.ahead, 480), after: item.after, replaces: item.id });
}

/** Add the signature of one whose key is here to what another officer has signed, and send it. `false` when thought better of. */
export async function countersign({ envelope, title, about, by }) {
  await requireCalm();
  const key = await keyOf(by.keyid);
  if (key === null) throw new NotEnrolled();
  const { id, kind, merchant, occurred_at: occurredAt } = parseStatement(envelope.payload);
  if (!(await confirmed(title, [[_('You sign as'), nameOf(by)], ...about], 0, occurredAt))) return false;
  await requireCalm();
  const both = fromUtf8(encodeEnvelope(addSignatures(envelope, (await sign(envelope.payload, [key])).signatures)));
  if ((await find(id)) !== null) await seconded(id, both);
  else await put({ id, kind, merchant, envelope: both, about: [[_('What'), title], ...about] });
  sendNow();
  return id;
}

/** In whose name one signs is said where several could. */
async function signer(me) {
  return (await holders()).length > 1 ? [[_('You sign as'), nameOf(me)]] : [];
}

/** What is kept goes out: now, or when there is a connection, though this page be closed. */
function sendNow() {
  send().catch((error) => dispatchEvent(new CustomEvent('custody:trouble', { detail: error })));
  wanted();
}

async function requireCalm() {
  if ((await alarm()) !== null) {
    throw new Trouble(_('Nothing is signed while the warning about the changed ledger stands: read it first.'));
  }
}

/** Ask, in a dialog that shows all of it. */
function confirmed(title, about, photos, occurredAt) {
  const dialog = h('dialog', { class: 'sheet', 'aria-labelledby': 'sign-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'sign-title' }, title),
      h('p', { class: 'quiet' }, _('This is what you sign. It cannot be taken out of the ledger again, only corrected.')),
      occurredAt === null ? wrongClock() : null,
      pairs([
        ...about,
        [_('Time'), moment(occurredAt ?? Date.now())],
        ...(photos ? [[_('Photos'), String(photos)]] : []),
      ]),
      h('div', { class: 'actions' },
        h('button', { value: 'sign', class: 'primary', autofocus: true }, _('Sign and send')),
        h('button', { value: '', class: 'plain' }, _('Back')))));
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'sign');
    });
    dialog.showModal();
  });
}

/** A clock that is wrong is said before a time is signed. */
function wrongClock() {
  const minutes = Math.round(ahead() / MINUTE);
  if (minutes === 0) return null;
  return h('div', { class: 'notice bad', 'data-clock': minutes },
    h('strong', {}, minutes > 0 ? _('This phone’s clock is {minutes} minutes ahead of the server’s', { minutes })
      : _('This phone’s clock is {minutes} minutes behind the server’s', { minutes: -minutes })),
    h('p', {}, _('Go back, let the phone set its time by itself (Settings → Date and time → Automatic), and then sign: what is dated in the future is refused.')));
}

/** After signing: what becomes of it, in place of the form; `again` leads back to an empty one. */
export async function showOutcome(place, id, { again = null } = {}) {
  const { watch } = await import('./outcome.js');
  const box = h('div', { class: 'outcome', 'aria-live': 'polite', tabindex: '-1' });
  show(place, box, again ? h('p', {}, h('a', { class: 'button', href: again.href }, again.text)) : null, h('p', {}, h('a', { class: 'button plain', href: '/' }, _('Home'))));
  box.focus();
  window.scrollTo(0, 0);
  watch(box, id);
}
