/** Temperatures of a cooled zone over a span of time. */
import { load } from '../age.js';
import { $, h, show } from '../dom.js';
import { keepDraft } from '../drafts.js';
import { check, complain, showError, valuesOf } from '../forms.js';
import { showOutcome, state } from '../statements.js';
import { _, code, moment } from '../words.js';

const form = $('#form');
let mine = null;
let draft = null;

async function begin() {
  mine = await load('/api/mine');
  const cooled = (mine?.zones ?? []).filter((zone) => zone.storage !== 'ambient');
  $('#no-zone').hidden = mine === null || cooled.length > 0;
  const zones = cooled.length ? cooled : (mine?.zones ?? []);
  show($('#zone'), zones.map((zone) => h('option', { value: zone.code }, `${zone.name} (${zone.code})`)));
  const now = Date.now();
  $('#to').value = local(now);
  $('#from').value = local(now);
  limits();
  $('#zone').addEventListener('change', limits);
  draft = await keepDraft(form, 'temperature');
}

/** What the rule sets in force ask of the zone. */
function limits() {
  const zone = mine?.zones.find((one) => one.code === $('#zone').value);
  const rules = mine?.rulesets.find((one) => zone?.goods_class === null || one.goods_class === zone?.goods_class)?.limits;
  const range = zone?.storage === 'frozen' ? [null, rules?.frozen_max] : zone?.storage === 'chilled' ? [rules?.chilled_min, rules?.chilled_max] : [];
  show($('#limits'), zone && range.some(Boolean)
    ? _('{storage}: {range}', { storage: code('storage', zone.storage), range: [range[0] && `≥ ${range[0]} ℃`, range[1] && `≤ ${range[1]} ℃`].filter(Boolean).join('，') })
    : '');
}

/** A moment as the field writes it, in China's time. */
function local(ms) {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16);
}

const instantOf = (text) => `${text}:00+08:00`;
const celsius = (text) => text?.replace('−', '-').replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '').replace(/^(-?)0+(?=\d)/, '$1').replace(/^-0$/, '0');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!check(form)) return;
  const values = valuesOf(form);
  const [minimum, maximum] = [celsius(values.minimum), celsius(values.maximum)];
  const mean = celsius(values.mean) ?? middle(minimum, maximum);
  if (Number(minimum) > Number(maximum)) return complain($('#minimum'), _('The lowest is above the highest.'));
  if (values.started_at > values.ended_at) return complain($('#to'), _('The end is before the beginning.'));
  try {
    const body = {
      zone: values.zone, probe: values.probe, started_at: instantOf(values.started_at), ended_at: instantOf(values.ended_at),
      count: Number(values.count), minimum, maximum, mean, minutes_missing: Number(values.minutes_missing),
    };
    const id = await state({
      kind: 'temperature.logged', title: _('Temperature'), body, draft,
      about: [
        [_('Counter or store'), values.zone], [_('From'), moment(body.started_at)], [_('To'), moment(body.ended_at)],
        [_('Lowest, mean, highest'), `${minimum} / ${mean} / ${maximum} ℃`], [_('Readings'), values.count],
      ],
    });
    if (!id) return undefined;
    await showOutcome($('#place'), id);
  } catch (error) {
    showError($('#result'), error);
  }
  return undefined;
});

/** One reading is its own mean; of more, the middle of the extremes is stated only when none is given. */
function middle(minimum, maximum) {
  return celsius(((Number(minimum) + Number(maximum)) / 2).toFixed(2));
}

begin().catch((error) => showError($('#result'), error));
