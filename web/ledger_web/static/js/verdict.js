/**
 * What a verification has looked at, found, and could not do (format, section 10).
 *
 *     outcome.looked('chain'); outcome.fault('chain', 1041, 'chain.prev'); outcome.result({ size: 2000 })
 *
 * `intact`: nothing wrong found. `tampered`: at least one fault. `incomplete`: nothing wrong found, but something that
 * this verifier makes could not be made. What it never makes is listed as not checked and changes nothing.
 */
import { words } from './errors.js';

export const MADE_HERE = [
  'encoding', 'index', 'chain', 'merchant_chain', 'tree', 'checkpoint_signature', 'statement_signature', 'authority', 'seen',
];
export const NOT_MADE_HERE = ['schema', 'custody', 'inspection', 'facts', 'attachments', 'witness'];
export const MAX_FAULTS = 1000;

export class Outcome {
  #looked = Object.fromEntries(MADE_HERE.map((check) => [check, 0]));
  #faults = [];
  #counts = Object.fromEntries(MADE_HERE.map((check) => [check, 0]));
  #gaps = [];
  #remarks = [];

  looked(check, count = 1) {
    this.#looked[check] += count;
  }

  fault(check, index, { key, values = {}, field = null }) {
    this.#counts[check] += 1;
    if (this.#faults.length < MAX_FAULTS) this.#faults.push({ check, index, key, values, field });
  }

  /** A check that could not be made, or not wholly. */
  gap(check, key, values = {}) {
    this.#gaps.push({ check, key, values });
  }

  remark(key, values = {}) {
    this.#remarks.push({ key, values });
  }

  /** The verdict as plain data, with words in both languages. */
  result(about) {
    const count = Object.values(this.#counts).reduce((sum, one) => sum + one, 0);
    const made = MADE_HERE.map((check) => ({
      check,
      state: this.#counts[check] ? 'failed' : this.#gaps.some((gap) => gap.check === check) ? 'not_checked' : 'passed',
      looked: this.#looked[check],
      faults: this.#counts[check],
    }));
    const others = NOT_MADE_HERE.map((check) => ({ check, state: 'not_checked', looked: 0, faults: 0 }));
    return {
      ...about,
      verdict: count ? 'tampered' : this.#gaps.length ? 'incomplete' : 'intact',
      checks: [...made, ...others],
      faults: this.#faults.sort((a, b) => (a.index ?? -1) - (b.index ?? -1)).map(spoken),
      faultCount: count,
      gaps: this.#gaps.map(spoken),
      remarks: [...this.#remarks, { key: 'verify.not_made', values: {} }].map(spoken),
    };
  }
}

const spoken = (thing) => ({ ...thing, zh: words(thing, 'zh'), en: words(thing, 'en') });
