/** The commitment letter and the briefing card that the rule sets in force ask for. */
import { load } from '../age.js';
import { $, h, show } from '../dom.js';
import { filled, showError } from '../forms.js';
import { sealText, sealedRow } from '../sealing.js';
import { showOutcome, state } from '../statements.js';
import { _ } from '../words.js';

const KINDS = {
  commitment: { kind: 'commitment.signed', finding: 'commitment_unsigned' },
  briefing: { kind: 'briefing.acknowledged', finding: 'briefing_unacknowledged' },
};

async function begin() {
  const mine = await load('/api/mine');
  if (mine === null) return;
  const asked = new Map();
  for (const ruleset of mine.rulesets) {
    for (const which of Object.keys(KINDS)) {
      const paper = ruleset[which];
      if (paper) asked.set(`${which} ${paper.title} ${paper.version}`, { which, paper });
    }
  }
  show($('#items'), asked.size ? [...asked.values()].map((one) => card(mine, one))
    : h('li', { class: 'card' }, _('No rule set in force asks for a letter or a card.')));
}

function card(mine, { which, paper }) {
  const subject = `${paper.title} ${paper.version}`;
  const due = mine.findings.some((one) => one.code === KINDS[which].finding && one.subject === subject);
  const title = which === 'commitment' ? _('Commitment letter') : _('Briefing card');
  return h('li', { class: 'card', 'data-paper': which },
    h('h2', {}, title),
    h('p', {}, _('{title}, version {version}', paper)),
    due
      ? unsigned(which, paper, title)
      : h('p', { class: 'notice good' }, which === 'commitment' ? _('Signed.') : _('Acknowledged.')));
}

function unsigned(which, paper, title) {
  const signer = h('input', { name: 'signer', maxlength: '200', autocomplete: 'off' });
  return h('div', {}, h('p', { class: 'notice wait' }, which === 'commitment' ? _('Not signed yet.') : _('Not acknowledged yet.')),
    h('div', { class: 'field' }, h('label', {}, _('Your name, sealed (optional)'), ' ', signer),
      h('p', { class: 'quiet' }, _('The ledger gets a digest only; the text stays on this phone and can be erased.'))),
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'primary', onclick: () => sign(which, paper, title, signer.value.trim()) },
      which === 'commitment' ? _('I have read it and sign') : _('I have it and understood it'))));
}

async function sign(which, paper, title, signer) {
  try {
    const sealed = [];
    const body = filled({ title: paper.title, version: paper.version, text_sha256: paper.text_sha256, signer: await sealText('signer', signer, sealed) });
    const id = await state({ kind: KINDS[which].kind, title, body, sealed, about: [[_('Title'), paper.title], [_('Version'), paper.version], ...sealedRow(_('Signer'), signer)] });
    if (id) await showOutcome($('#place'), id, { again: { href: '/papers', text: _('Letter and card') } });
  } catch (error) {
    showError($('#result'), error);
  }
}

begin().catch((error) => showError($('#result'), error));
