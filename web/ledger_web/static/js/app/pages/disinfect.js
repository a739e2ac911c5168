/** Disinfection: the values of last time stand there, so that it is done in three taps. */
import { atHand } from '../api.js';
import { $, h, show } from '../dom.js';
import { keepDraft } from '../drafts.js';
import { check, filled, lastUsed, remember, showError, valuesOf } from '../forms.js';
import { photosOf, watchPhotos } from '../photos.js';
import { sealText, sealedRow } from '../sealing.js';
import { showOutcome, state } from '../statements.js';
import { _, code, moment } from '../words.js';

const form = $('#form');
let draft = null;

async function begin() {
  watchPhotos();
  const mine = await atHand('/api/mine');
  if (mine) {
    show($('#places'), mine.zones.map((zone) => h('option', { value: zone.name })));
    $('#where').value = mine.zones[0]?.name ?? mine.name;
    if (mine.disinfected_at) show($('#last'), _('Last time: {time}', { time: moment(mine.disinfected_at) }));
  }
  const [before] = await lastUsed('disinfection');
  for (const [name, value] of Object.entries(before ?? {})) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  draft = await keepDraft(form, 'disinfect');
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!check(form)) return;
  try {
    const { who, ...values } = valuesOf(form);
    const sealed = [];
    const photos = await photosOf($('#photos'));
    const id = await state({
      kind: 'disinfection.logged',
      title: _('Disinfection'),
      body: filled({ ...values, contact_minutes: Number(values.contact_minutes), who: await sealText('who', who, sealed), photos: photos.map((one) => one.body) }),
      photos,
      draft,
      sealed,
      about: [
        [_('What was disinfected'), code('disinfection_target', values.target)], [_('Where'), values.place],
        [_('Agent'), [values.agent, values.concentration].filter(Boolean).join(' ')],
        [_('Method'), values.method], [_('Minutes'), values.contact_minutes], ...sealedRow(_('Done by'), who),
      ],
    });
    if (!id) return;
    await remember('disinfection', values, 1);
    await showOutcome($('#place'), id);
  } catch (error) {
    showError($('#result'), error);
  }
});

begin().catch((error) => showError($('#result'), error));
