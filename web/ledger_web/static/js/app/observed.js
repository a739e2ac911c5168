/**
 * The findings of a check, where the server cannot be asked: what the ledger alone gives was computed by its own code
 * ahead of the check (`foreseen`), and what was observed is compared here, which takes four rules:
 *
 *     a count differs from what is held · goods stand there that are not listed
 *     a reading is beyond the bounds of its zone · an item of the checklist failed
 *
 *     const { rulesets, findings } = findingsOf(facts, observed, beganMs)     // null before or after what was foreseen
 *
 * `tests/web/js/test_observed.py` holds these four rules against the ledger's. The ledger computes all of it again.
 */

/** As `inspection.recorded` states them. */
export function findingsOf(facts, observed, beganMs) {
  const step = facts.foreseen.findLast((one) => one.from <= beganMs);
  if (step === undefined || beganMs > facts.foreseen[0].from + FORESEEN_MS) return null;
  const found = [...stock(facts, observed), ...unlisted(observed), ...step.findings, ...temperatures(facts, observed), ...checklist(observed)];
  const each = new Map();
  for (const one of found) {
    const name = JSON.stringify([one.code, one.subject ?? null]);
    if (!each.has(name)) each.set(name, one);
  }
  return { rulesets: step.rulesets, findings: [...each.values()].map(stated) };
}

const FORESEEN_MS = 30 * 3_600_000; // as far as the server looks ahead

function stated({ code, subject, detail }) {
  return { code, source: 'computed', ...(subject ? { subject } : {}), ...(detail ? { detail } : {}) };
}

function* stock(facts, { stock: counted = [] }) {
  for (const { batch, quantity } of counted) {
    const held = facts.holdings.find((one) => one.batch === batch)?.quantity.value ?? '0';
    if (millionths(quantity.value) !== millionths(held)) {
      yield { code: 'stock_differs', subject: batch, detail: `counted ${quantity.value} ${quantity.unit}, ledger ${held} ${quantity.unit}` };
    }
  }
}

function* unlisted({ unlisted: goods = [] }) {
  for (const { name, note } of goods) yield { code: 'unlisted_goods', subject: name, detail: note || 'not in the ledger' };
}

function* temperatures(facts, { temperatures: read = [] }) {
  for (const { code: zone, bounds } of facts.zones) {
    const values = read.filter((one) => one.zone === zone).map((one) => hundredths(one.value));
    for (const [low, high] of bounds) {
      const outside = [];
      if (low !== null && values.some((value) => value < low)) outside.push(`down to ${decimal(Math.min(...values))} ℃`);
      if (high !== null && values.some((value) => value > high)) outside.push(`up to ${decimal(Math.max(...values))} ℃`);
      if (outside.length) yield { code: 'temperature_out_of_limits', subject: zone, detail: outside.join(', ') };
    }
  }
}

function* checklist({ checklist: answers = [] }) {
  for (const { code, passed, note } of answers) if (!passed) yield { code: 'checklist_failed', subject: code, detail: note };
}

/** A decimal as a whole number of millionths: nothing is rounded. */
function millionths(text) {
  const [, sign, whole, part = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  return BigInt(`${sign}${whole}${part.padEnd(6, '0')}`);
}

const hundredths = (text) => Number(millionths(text) / 10_000n);
const decimal = (value) => String(value / 100);
