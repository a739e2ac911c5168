/**
 * What needs two officers and has one signature: signed on another phone and handed in, or signed here and to be signed
 * by another person whose key is on this phone too, with a connection or without.
 *
 * The second officer sees all of it, and what this phone has checked of it (`seconding.js`), before a button is there.
 */
import { toHex } from '../../bytes.js';
import { sha256 } from '../../hash.js';
import { load } from '../age.js';
import { signedRequest } from '../api.js';
import { $, h, pairs, show } from '../dom.js';
import { factsFor, keptFacts } from '../duty.js';
import { check, showError } from '../forms.js';
import { nameOf } from '../holders.js';
import { aboutOf, filesOf, titleOf } from '../officers.js';
import { list, photoBytes } from '../outbox.js';
import { couldSign, examine, opened } from '../seconding.js';
import { send, takeBack } from '../sending.js';
import { countersign, showOutcome } from '../statements.js';
import { say } from '../trouble.js';
import { _, moment } from '../words.js';

const result = $('#result');
const PICTURE = /^image\/(jpeg|png|webp)$/;
const waitingHere = async () => (await list()).filter((item) => item.state === 'cosign');

async function begin() {
  if ((await waitingHere()).length) await send().catch(() => {}); // perhaps another officer has signed meanwhile
  await draw();
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

async function draw() {
  const here = await waitingHere();
  const found = await load('/api/cosign');
  if (found === null && here.length) show(result); // what waits here needs no connection
  const ids = new Set(here.map((item) => item.id));
  const others = (found?.waiting ?? []).filter((one) => !one.mine && !ids.has(one.id));
  show($('#place'),
    here.length ? [h('h2', {}, _('Signed on this phone, waiting for another officer')), h('ul', { class: 'cards' }, here.map(own))] : null,
    here.length && others.length ? h('h2', {}, _('Signed on other phones')) : null,
    others.length ? h('ul', { class: 'cards' }, others.map(other)) : found !== null && h('p', { class: 'notice good' }, _('Nothing waits for your signature.')));
}

/** Signed on this phone. */
function own(item) {
  const place = h('li', { id: item.id, class: 'card', 'data-own': item.id });
  const state = item.handedInAt ? _('Handed in: another officer of this place sees it under “Sign together”.') : _('Not handed in yet: it goes when there is a connection.');
  const back = h('button', { type: 'button', class: 'plain danger', onclick: () => revert(item.id) }, _('Take it back'));
  fill(place, { id: item.id, json: item.envelope, merchant: item.merchant, local: true }, [h('p', { class: 'quiet' }, state), back]);
  return place;
}

/** Signed on another phone. */
function other(one) {
  const place = h('li', { id: one.id, class: 'card wait', 'data-id': one.id });
  fill(place, { id: one.id, json: one.envelope, said: one.signed_by, merchant: one.name ? `${one.name} · ${one.merchant}` : one.merchant, plan: one.plan, local: false }, []);
  return place;
}

/** All of a statement, what was checked of it, and how to sign it; what cannot be shown whole cannot be signed. */
async function fill(place, { id, json, said = [], merchant, plan = null, local }, more) {
  show(place, h('p', { class: 'quiet' }, _('Checking …')));
  try {
    const { envelope, statement } = opened(json);
    const { kind, body } = statement;
    const { signers, points, refused } = await examine({ envelope, statement }, said);
    if (refused !== null) return show(place, h('h2', {}, titleOf(kind)), refusal(refused), whole(statement), ...more);
    const title = titleOf(kind);
    const known = await keptFacts(statement.merchant);
    const name = known?.facts.name ? `${known.facts.name} · ${statement.merchant}` : merchant;
    const rows = [
      [_('Signed by'), signers.map((one) => one.name).join('、')],
      ...(plan === null ? [] : [[_('Plan'), plan]]), ...aboutOf(kind, body, { name, titles: await titlesFor(statement) }), [_('Time'), moment(statement.occurred_at)],
    ];
    return show(place,
      h('h2', {}, title), pairs(rows),
      h('div', { class: 'pictures' }, filesOf(body).map((file) => picture(id, file, local))),
      h('ul', { class: 'checked' }, points.map((one) => h('li', { 'data-ok': one.ok === true ? '1' : '0' }, one.text))),
      whole(statement), await signing({ envelope, title, rows, signers, local, kind }), ...more);
  } catch (error) {
    return show(place, h('h2', {}, _('It cannot be shown')), refusal(say(error).detail), ...more);
  }
}

/** What it says stands above in words; the signature is under all of it. */
const whole = (statement) => h('details', {},
  h('summary', {}, _('All that is signed')), h('pre', { tabindex: '0' }, JSON.stringify(statement, null, 1)));

const refusal = (why) => h('p', { class: 'notice bad', role: 'alert', 'data-refused': '1' }, h('strong', {}, _('Do not sign this. ')), why);

/** Who signs too: on a shared phone whoever it is says so by choosing the name; nothing is chosen beforehand. */
async function signing({ envelope, title, rows, signers, local, kind }) {
  const able = await couldSign(signers, kind);
  if (able.length === 0) {
    return h('p', {}, local ? _('No other officer’s key is on this phone. ') : _('No key on this phone can sign it too. '),
      h('a', { href: '/enrol?more' }, _('Enrol another person on this device')));
  }
  const choose = local || able.length > 1;
  const form = h('form', { novalidate: true, 'data-second': '1' },
    choose ? h('fieldset', {}, h('legend', {}, _('Another officer signs on this phone. I am:')),
      h('div', { role: 'radiogroup', 'aria-label': _('Another officer signs on this phone. I am:') }, able.map((one, at) => h('label', { class: 'choice' },
        h('input', { type: 'radio', name: 'who', value: one.keyid, required: at === 0, 'data-missing': _('Choose your own name.') }), ' ', nameOf(one))))) : null,
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Sign too'))));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!check(form)) return;
    const by = choose ? able.find((one) => one.keyid === form.elements.who.value) : able[0];
    sign({ envelope, title, about: rows.slice(0, -1), by });
  });
  return form;
}

async function sign(asked) {
  try {
    const id = await countersign(asked);
    if (id) await showOutcome($('#place'), id, { again: { href: '/cosign', text: _('Sign together') } });
  } catch (error) {
    showError(result, error);
  }
}

async function revert(id) {
  try {
    await takeBack(id, { title: _('Taken back before the second officer signed') });
    await draw();
  } catch (error) {
    showError(result, error);
  }
}

/** What the items of a checklist are called, as far as this phone knows. */
async function titlesFor({ kind, merchant }) {
  if (kind !== 'inspection.recorded') return {};
  const known = (await keptFacts(merchant)) ?? (await factsFor(merchant).catch(() => null));
  return Object.fromEntries((known?.facts.checklist ?? []).map((one) => [one.code, one.title]));
}

/** A file by its name and digest; as a picture where the bytes are to be had and have that digest. */
function picture(id, { name, sha256: digest, media_type: type }, local) {
  const place = h('figure', { 'data-file': digest }, h('figcaption', {}, name, h('br'), h('code', {}, digest)));
  const bytes = async () => {
    if (local) return photoBytes(digest);
    const answer = await signedRequest(`/api/cosign/${id}/attachments/${digest}`, { patience: 60_000 });
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
  };
  const look = async () => {
    const found = PICTURE.test(type) ? await bytes() : null;
    if (found === null) return place.append(h('p', { class: 'quiet' }, _('It cannot be shown here.')));
    if (toHex(await sha256(found)) !== digest) return place.append(h('p', { class: 'notice bad' }, _('What the server has is not what was signed.')));
    return place.prepend(h('img', { src: URL.createObjectURL(new Blob([found], { type })), alt: name }));
  };
  look().catch(() => place.append(h('p', { class: 'quiet' }, _('It cannot be shown here.'))));
  return place;
}

begin().catch((error) => showError(result, error));
