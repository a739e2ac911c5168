/**
 * Errors of the application, and every error in words for people.
 *
 *     throw new Trouble(_('The photo cannot be read: take it again'))
 *     say(error)      // { title, detail, problems }
 *
 * `Problem` is what the server answered (RFC 9457), already in the reader's language; `Unreachable` that it did not
 * answer at all. Errors of the low modules (`LedgerError`) have their own words in both languages.
 */
import { LedgerError } from '../errors.js';
import { _, language } from './texts.js';

/** Something that went wrong, said so that one knows what to do. */
export class Trouble extends Error {
  constructor(message, { cause } = {}) {
    super(message, { cause });
    this.name = 'Trouble';
  }
}

/** The server was not reached: no signal, or it is down. */
export class Unreachable extends Trouble {
  constructor(cause) {
    super(_('No connection to the server. What was signed waits on this phone and is sent later.'), { cause });
    this.name = 'Unreachable';
  }
}

/** There is no room on the phone, or the browser took away what was kept. */
export class StorageTrouble extends Trouble {
  constructor(message, { cause } = {}) {
    super(message, { cause });
    this.name = 'StorageTrouble';
  }
}

/** The server refused. */
export class Problem extends Error {
  /** `ours`: the ledger's server says it, and not a proxy or a filter on the way to it. */
  constructor(body, status, { ours = true } = {}) {
    super(body.detail ?? body.title ?? String(status));
    this.name = 'Problem';
    this.body = body;
    this.status = status;
    this.ours = ours;
  }

  /** Whether the same request may succeed later: nothing was judged. A revoked key stays revoked, what is too large so. */
  get passing() {
    if (!this.ours && this.status !== 413) return true;
    return this.body.code !== 'KeyRevoked' && (this.status >= 500 || [401, 408, 421, 425, 429].includes(this.status));
  }

  static async of(answer) {
    const ours = /^application\/problem\+json\b/.test(answer.headers.get('content-type') ?? '');
    const body = ours ? await answer.json().catch(() => null) : null;
    return new Problem(body ?? { title: answer.statusText || _('The server failed') }, answer.status, { ours });
  }
}

/** An error in words: a title, a sentence, and a sentence for each field. */
export function say(error) {
  if (error instanceof Problem) {
    const { title, detail, problems = [] } = error.body;
    return { title: title ?? _('Refused'), detail: detail ?? '', problems };
  }
  if (error instanceof LedgerError) return { title: _('Check failed'), detail: error.words(language), problems: [] };
  if (error instanceof Trouble) return { title: _('This did not work'), detail: error.message, problems: [] };
  console.error(error);
  return { title: _('This did not work'), detail: _('A mistake of this page: reload it and try again ({what})', { what: String(error?.message ?? error) }), problems: [] };
}
