/** The whole ledger verified on this device, in a worker, with the verdict in words and what was not checked said. */
import { $, $$, h, pairs, show } from '../dom.js';
import { showError } from '../forms.js';
import { historyNotice, keyBox, meet, remembering } from '../logkey.js';
import { identity, signIn } from '../session.js';
import { send } from '../api.js';
import { Trouble } from '../trouble.js';
import { _, language } from '../words.js';

const FAULTS_SHOWN = 50;
const NAMES = {
  encoding: _('Spelling of entries'), index: _('Places and times'), chain: _('Chain of all entries'),
  merchant_chain: _('Chains of the merchants'), tree: _('Tree and tiles'), checkpoint_signature: _('Signature of the checkpoint'),
  statement_signature: _('Signatures of the authors'), authority: _('Who may say what'), seen: _('History the authors had seen'),
  schema: _('Contents by their forms'), custody: _('Rules of custody'), inspection: _('Findings of checks'), facts: _('Derived tables'),
  attachments: _('Attachments'), witness: _('Witnesses'),
};
/** What `custody verify` looks at beyond this page (format, section 10). */
const LEFT_OUT = {
  schema: _('whether contents keep their forms'),
  custody: _('whether more was handed over, sold or disposed of than was held, and the rules of orders, cards, seals, recalls and corrections'),
  inspection: _('whether the findings of checks are those that ledger and observation give, and plans drawn as announced'),
  facts: _('whether what the server answers is what the entries say'),
  attachments: _('whether photos and papers are there and unchanged'),
  witness: _('cosignatures of witnesses: nobody checks them yet'),
};
const ALSO_LEFT_OUT = [
  _('earlier checkpoints that the ledger keeps: only the newest one, and the one this device remembered, are compared'),
  _('authority beyond keys, roles, merchants and grids, such as which office answers and who may take back what'),
];
const STATES = { passed: _('in order'), failed: _('faulty'), not_checked: _('not checked') };
const result = $('#result');
let worker = null;

async function begin() {
  const box = await keyBox($('#key'), () => {
    $('#start').disabled = false;
  });
  const me = await identity();
  if (!['auditor', 'operator'].includes(me?.role)) {
    $('#form').hidden = true;
    $('#who').hidden = false;
    show($('#who'), _('Entries name merchants and quantities, so the whole ledger is for auditors. This device is not an auditor’s. It can check single proofs and labels.'),
      ' ', h('a', { href: '/proof' }, _('Check a proof')));
    return;
  }
  $('#download').hidden = false;
  $('#scope').hidden = false;
  $('#scope').append(leftOut());
  for (const button of $$('[data-bundle]')) button.addEventListener('click', () => download(button));
  $('#start').addEventListener('click', () => run(box.key).catch((error) => showError(result, error)).finally(rest));
  $('#stop').addEventListener('click', () => {
    worker?.terminate();
    rest();
    show($('#verdict'), h('p', { class: 'notice wait' }, _('Stopped: nothing is proved.')));
  });
}

/** Signed in, so that what follows is answered. */
async function readable() {
  const { role } = await send('GET', '/session', undefined, { signedIn: false });
  if (role === 'public') await signIn();
}

async function run({ vkey, verifier }) {
  show(result);
  show($('#verdict'));
  show($('#history'));
  await readable();
  const before = await remembering(verifier).latest();
  try {
    await meet(verifier);
  } catch (error) {
    const notice = historyNotice(error);
    if (notice === null && error.code !== 'NoteError') throw error; // a checkpoint that is not the log's is in the verdict
    if (notice !== null) show($('#history'), notice);
  }
  $('#start').disabled = true;
  $('#stop').hidden = false;
  $('#running').hidden = false;
  addEventListener('beforeunload', stay);
  await wake();
  const verdict = await verified({ base: `${location.origin}/`, vkey, since: before?.note ?? null, renew: true });
  show($('#verdict'), verdictOf(verdict, before));
  $('#verdict').focus();
}

function verified(order) {
  worker = new Worker(new URL('../../verify-worker.js', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = async ({ data }) => {
      if (data.progress) progress(data.progress);
      else if (data.verdict) resolve(data.verdict);
      else if (data.error) reject(new Trouble(data.error[language]));
      else if (data.signIn) await signIn().catch(reject).then(() => worker.postMessage({ signedIn: true }));
    };
    worker.onerror = (event) => reject(new Trouble(event.message || _('The verifier stopped: reload the page.')));
    worker.postMessage(order);
  });
}

const title = document.title;
let drawn = 0;

/** At most five times a second: what is said is read by people. */
function progress({ done, total }) {
  if (done < total && performance.now() - drawn < 200) return;
  drawn = performance.now();
  $('#progress').max = total;
  $('#progress').value = done;
  show($('#said'), _('{done} of {total} entries', { done, total }));
  document.title = `${Math.floor((100 * done) / total)} % · ${title}`;
}

const stay = (event) => event.preventDefault();
let lock = null;

/** A phone that goes to sleep would stop the work. Without the browser's leave it just takes longer. */
async function wake() {
  lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
}

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && !$('#running').hidden) wake();
});

function rest() {
  worker?.terminate();
  worker = null;
  lock?.release().catch(() => {});
  lock = null;
  removeEventListener('beforeunload', stay);
  document.title = title;
  $('#start').disabled = false;
  $('#stop').hidden = true;
  $('#running').hidden = true;
}

const TONES = { intact: 'good', tampered: 'bad', incomplete: 'wait' };

function verdictOf(verdict, before) {
  const words = {
    intact: _('Intact: nothing wrong was found in {size} entries', { size: verdict.size }),
    tampered: _('Tampered with: {count} faults', { count: verdict.faultCount }),
    incomplete: _('Not finished: something could not be checked'),
  };
  return h('div', { 'data-verdict': verdict.verdict },
    h('div', { class: `notice ${TONES[verdict.verdict]}`, role: verdict.verdict === 'tampered' ? 'alert' : 'status' },
      h('strong', {}, words[verdict.verdict]),
      h('p', {}, before === null || before.size === 0
        ? _('This device remembered no earlier state, so a tail that was cut off before would not show.')
        : _('Compared with the state of {size} entries that this device had verified before.', { size: before.size }))),
    verdict.faults.length ? faults(verdict) : null,
    verdict.gaps.length ? h('section', {}, h('h2', {}, _('Could not be checked')), h('ul', {}, verdict.gaps.map((one) => h('li', {}, one[language])))) : null,
    h('h2', {}, _('What was checked')),
    h('table', { class: 'plain' }, h('thead', {}, h('tr', {}, [_('Check'), _('Looked at'), _('Result')].map((one) => h('th', { scope: 'col' }, one)))),
      h('tbody', {}, verdict.checks.filter((one) => one.looked || one.state !== 'not_checked').map((one) => h('tr', { 'data-check': one.check, 'data-state': one.state },
        h('th', { scope: 'row' }, NAMES[one.check]), h('td', {}, String(one.looked)),
        h('td', { class: one.state === 'failed' ? 'short' : '' }, one.faults ? _('{count} faults', { count: one.faults }) : STATES[one.state]))))),
    h('div', { class: 'notice wait', id: 'not-checked' },
      h('strong', {}, _('Not checked here')),
      leftOut(),
      h('p', {}, _('“custody verify” checks all of these on a computer, but for witnesses, whom nobody checks yet.')),
      h('ul', {}, verdict.remarks.filter((one) => one.key !== 'verify.not_made').map((one) => h('li', {}, one[language])))),
    pairs([[_('Ledger'), verdict.origin], [_('Entries read'), `${verdict.read} / ${verdict.size}`], [_('Root'), h('code', {}, verdict.root)]]));
}

const leftOut = () => h('ul', {}, Object.entries(LEFT_OUT).map(([check, words]) => h('li', { 'data-left-out': check }, h('strong', {}, NAMES[check]), language === 'zh' ? '：' : ': ', words)), ALSO_LEFT_OUT.map((words) => h('li', {}, words)));

function faults(verdict) {
  const rest = verdict.faultCount - Math.min(FAULTS_SHOWN, verdict.faults.length);
  return h('section', { id: 'faults' }, h('h2', {}, _('Faults')),
    h('ol', { class: 'cards' }, verdict.faults.slice(0, FAULTS_SHOWN).map((one) => h('li', { class: 'card bad', 'data-index': one.index ?? '' },
      h('strong', {}, one.index === null ? NAMES[one.check] : _('Entry {index}: {check}', { index: one.index, check: NAMES[one.check] })),
      h('p', {}, one[language])))),
    rest > 0 ? h('p', { class: 'quiet' }, _('{count} more', { count: rest })) : null);
}

async function download(button) {
  show(result);
  button.disabled = true;
  try {
    await readable();
    location.assign(`/api/bundle?attachments=${button.dataset.bundle}`);
  } catch (error) {
    showError(result, error);
  } finally {
    button.disabled = false;
  }
}

begin().catch((error) => showError(result, error));
