/**
 * The one error of these modules: what is wrong, where, and its words in Chinese and English.
 *
 *     try { decode(bytes) } catch (error) { show(error.words('zh')) }
 *
 * `code` is the class that the ledger's own program gives the same fault (`EncodingError`, `NoteError` …), `key` the
 * entry of `messages.js`. Whatever these modules are handed, nothing but a `LedgerError` comes out of them, except
 * what a store or a `fetch` that was handed in throws itself.
 */
import { MESSAGES } from './messages.js';

export class LedgerError extends Error {
  /** `place`: `field` such as `body.lines[0]`, `index` of an entry; all else fills the `{…}` of the message. */
  constructor(code, key, { field = null, index = null, cause = undefined, ...values } = {}) {
    super('', { cause });
    this.name = 'LedgerError';
    this.code = code;
    this.key = key;
    this.field = field;
    this.index = index;
    this.values = values;
    this.message = this.words('en');
  }

  /** One sentence for people: `language` is `zh` or `en`. */
  words(language) {
    return words(this, language);
  }

  /** The same error, seen from the object or array around it. */
  within(step) {
    const inner = this.field ?? '';
    this.field = inner === '' || inner.startsWith('[') ? step + inner : `${step}.${inner}`;
    this.message = this.words('en');
    return this;
  }
}

/** The sentence of anything that has `key`, `values`, `field` and `index`: an error, or a fault of a verdict. */
export function words({ key, values = {}, field = null, index = null }, language) {
  const [zh, en] = MESSAGES[key];
  const filled = (language === 'zh' ? zh : en).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
  const entry = language === 'zh' ? `第 ${index} 条` : `entry ${index}`;
  const where = [index === null ? null : entry, field].filter((part) => part !== null && part !== '');
  return where.length ? `${where.join(language === 'zh' ? '，' : ', ')}${language === 'zh' ? '：' : ': '}${filled}` : filled;
}

/** Throw the error of a fault. */
export function fail(code, key, place) {
  throw new LedgerError(code, key, place);
}
