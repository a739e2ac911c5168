/**
 * Findings in words, and where to put them right.
 *
 *     textOf({ code: 'document_missing', subject: 'B1:invoice' })      // '缺少证明：B1 发票'
 *     placeOf('disinfection_overdue')                                  // '/disinfect'
 */
import { _, code } from './words.js';

const PLACES = {
  clearance_missing: '/clears', clearance_expired: '/clears', clearance_contradicted: '/clears',
  commitment_unsigned: '/papers', briefing_unacknowledged: '/papers',
  disinfection_overdue: '/disinfect', handover_open: '/goods/accept',
  temperature_gap: '/temperature', temperature_out_of_limits: '/temperature',
  document_missing: '/holdings', document_expired: '/holdings', supplier_unknown: '/holdings',
  transport_unstated: '/holdings', unloading_unstated: '/holdings',
};
const NAMELESS = new Set(['handover_open', 'clearance_missing', 'clearance_expired']);

export const placeOf = (finding) => PLACES[finding] ?? null;

/** The finding and what it is about: batches as they are, codes by their names. */
export function textOf({ code: finding, subject }) {
  const name = code('finding_code', finding);
  if (!subject || NAMELESS.has(finding)) return name;
  const about = subject.split(':').map((part) => code('goods_class', code('document_type', part))).join(' ');
  return _('{name}: {about}', { name, about });
}
