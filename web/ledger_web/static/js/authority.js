/**
 * Who may say what about whom, from the entries alone (format, section 4).
 *
 *     const authority = new Authority(origin, logKey)
 *     const faults = authority.judge(entry, place)         // [{ key, values }], by the keys granted before it
 *     faults.push(...await authority.take(entry, place))   // what the entry itself grants, revokes and enrols
 *
 * A statement is good if each of its signatures is by a key that was granted and not revoked before the entry, whose
 * role may state this kind, and whose scope covers the merchant. What a statement does beyond keys and enrolments
 * (goods, orders, whether a correction is by the same author, which office answers) is not judged here.
 */
import { LedgerError } from './errors.js';
import { PublicKey } from './keys.js';

/** For each kind: whether it is about the ledger, a plan (which looks at grids itself) or a merchant, then who may state it. */
export const MAY_STATE = {
  'ledger.opened': 'ledger operator',
  'key.granted': 'ledger operator supervisor',
  'key.revoked': 'ledger operator supervisor',
  'ruleset.published': 'ledger operator',
  'merchant.enrolled': 'merchant operator supervisor',
  'duty.assigned': 'ledger operator supervisor',
  'commitment.signed': 'merchant merchant',
  'briefing.acknowledged': 'merchant merchant',
  'goods.received': 'merchant merchant',
  'goods.handed_over': 'merchant merchant',
  'goods.accepted': 'merchant merchant',
  'goods.sold': 'merchant merchant',
  'goods.disposed': 'merchant merchant',
  'goods.adjusted': 'merchant merchant',
  'temperature.logged': 'merchant merchant device',
  'disinfection.logged': 'merchant merchant',
  'clearance.attested': 'merchant merchant',
  'plan.announced': 'ledger operator supervisor',
  'plan.drawn': 'ledger operator supervisor',
  'plan.voided': 'plan operator supervisor',
  'inspection.recorded': 'merchant supervisor',
  'rectification.ordered': 'merchant supervisor',
  'rectification.reported': 'merchant merchant',
  'rectification.confirmed': 'merchant supervisor',
  'rectification.rejected': 'merchant supervisor',
  'card.issued': 'merchant supervisor',
  'card.lifted': 'merchant supervisor',
  'suspension.decided': 'merchant supervisor',
  'goods.sealed': 'merchant supervisor',
  'goods.released': 'merchant supervisor',
  'recall.ordered': 'merchant supervisor',
  'recall.answered': 'merchant merchant',
  'notice.sent': 'merchant operator supervisor',
  'notice.acknowledged': 'merchant office',
  'statement.corrected': 'merchant merchant supervisor',
};

const ROLES = ['operator', 'supervisor', 'merchant', 'office', 'device', 'auditor'];
const EVERYWHERE = '*';
const HANDED_OUT = ['merchant', 'device']; // roles of keys that a supervisor may grant and revoke, for merchants in its grid

/** Whether a supervisor's scope covers a grid: itself and what is below it. */
export const covers = (scope, grid) => scope === EVERYWHERE || (grid !== null && `${grid}/`.startsWith(`${scope}/`));

/**
 * What is against a key's role and merchant for a statement, by its grant alone; `null` for nothing. Of a supervisor's grid
 * and of keys that it hands out, other entries decide.
 */
export function wrongRole({ role, scope }, keyid, { kind, merchant }, roles = MAY_STATE[kind]?.split(' ').slice(1)) {
  if (roles === undefined) return null; // of an unknown kind nothing is known
  if (!roles.includes(role)) return fault('authority.role', { keyid, role, kind });
  if ((role === 'merchant' || role === 'device') && scope !== merchant) return fault('authority.merchant', { keyid, scope });
  return null;
}

export class Authority {
  #origin;
  #logKey;
  #grants = new Map(); // keyid to { key, role, scope, revoked, signed }
  #grids = new Map(); // merchant to grid

  /** `logKey` may be `null`: then what entry 0 says of it is not compared. */
  constructor(origin, logKey) {
    this.#origin = origin;
    this.#logKey = logKey;
  }

  /** The public key of a keyid, if it was ever granted, revoked or not. */
  keyOf(keyid) {
    return this.#grants.get(keyid)?.key;
  }

  /** Whether the rules of this kind are known here. */
  static knows = (kind) => Object.hasOwn(MAY_STATE, kind);

  /** What is wrong with an entry at its place, by what stands before it; of an unknown kind, nothing that is known. */
  judge({ statement, signatures }, place) {
    const { kind, merchant, ledger } = statement;
    if (!Authority.knows(kind)) return place === 0 ? [fault('authority.opened', { kind })] : [];
    const [about, ...able] = MAY_STATE[kind].split(' ');
    const faults = [];
    if (ledger !== this.#origin) faults.push(fault('authority.ledger', { ledger }));
    if ((about === 'merchant') !== (merchant !== null)) faults.push(fault('authority.about', { kind }));
    if ((place === 0) !== (kind === 'ledger.opened')) faults.push(fault('authority.opened', { kind }));
    if (place === 0) return faults; // its signer is granted by itself
    const overKeys = kind === 'key.granted' || kind === 'key.revoked' ? this.#overKeys(kind, statement.body) : null;
    const roles = overKeys?.roles ?? able;
    const grids = overKeys?.grids ?? (about === 'plan' ? [] : [merchant === null ? null : (this.#grids.get(merchant) ?? null)]);
    if (kind === 'merchant.enrolled') {
      if (grids[0] === null) grids.pop();
      grids.push(typeof statement.body.grid === 'string' ? statement.body.grid : null); // old and new
    }
    for (const { keyid } of signatures) {
      const wrong = this.#whatIsWrong(keyid, kind, roles, merchant, grids);
      if (wrong !== null) faults.push(wrong);
      this.#grants.get(keyid)?.signed.push(place);
    }
    return faults;
  }

  /** Take in what an entry grants, revokes or enrols. Returns what is wrong with that. */
  async take({ statement, signatures }, place) {
    const { kind, merchant, body } = statement;
    try {
      if (kind === 'ledger.opened' && place === 0) return await this.#open(body, signatures);
      if (kind === 'key.granted') return await this.#grant(body);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      return [{ key: error.key, values: error.values, field: error.field }];
    }
    if (kind === 'key.revoked') return this.#revoke(body, signatures, place);
    if (kind === 'merchant.enrolled' && typeof body.grid === 'string') this.#grids.set(merchant, body.grid);
    return [];
  }

  /** How many signatures are by keys that were revoked later as compromised by then. */
  disputed() {
    let count = 0;
    for (const { revoked, signed } of this.#grants.values()) {
      const from = revoked?.compromisedFrom ?? Infinity;
      count += signed.filter((place) => place >= from && place < revoked.place).length;
    }
    return count;
  }

  /** Who may grant or revoke a key of this role and scope: supervisors those of merchants in their grid, operators all. */
  #overKeys(kind, body) {
    const { role, scope } = kind === 'key.granted' ? body : (this.#grants.get(body.keyid) ?? {});
    const grid = HANDED_OUT.includes(role) ? (this.#grids.get(scope) ?? null) : null;
    return { roles: grid === null ? ['operator'] : ['operator', 'supervisor'], grids: [grid] };
  }

  #whatIsWrong(keyid, kind, roles, merchant, grids) {
    const grant = this.#grants.get(keyid);
    if (grant === undefined) return fault('authority.unknown', { keyid });
    const { role, scope, revoked } = grant;
    if (revoked !== null) return fault('authority.revoked', { keyid, place: revoked.place });
    const wrong = wrongRole(grant, keyid, { kind, merchant }, roles);
    if (wrong !== null) return wrong;
    if (role === 'supervisor' && !grids.every((grid) => covers(scope, grid))) return fault('authority.grid', { keyid, scope });
    return null;
  }

  async #open(body, signatures) {
    const operator = await readKey(body.operator_key, 'operator_key');
    this.#grants.set(operator.keyid, { key: operator, role: 'operator', scope: EVERYWHERE, revoked: null, signed: [] });
    const faults = signatures
      .filter(({ keyid }) => keyid !== operator.keyid)
      .map(({ keyid }) => fault('authority.unknown', { keyid }));
    const log = await readKey(body.log_key, 'log_key');
    if (this.#logKey !== null && log.keyid !== this.#logKey.keyid) faults.push(fault('authority.log_key'));
    return faults;
  }

  async #grant({ public_key: text, role, scope }) {
    const key = await readKey(text, 'public_key');
    if (this.#grants.has(key.keyid)) return [fault('authority.granted_twice', { keyid: key.keyid })];
    const everywhere = role === 'operator' || role === 'auditor';
    if (!ROLES.includes(role) || typeof scope !== 'string' || (everywhere && scope !== EVERYWHERE)) {
      return [fault('authority.grant', { keyid: key.keyid })];
    }
    this.#grants.set(key.keyid, { key, role, scope, revoked: null, signed: [] });
    return [];
  }

  #revoke({ keyid, compromised_from: from = null }, signatures, place) {
    const grant = this.#grants.get(keyid);
    const itself = signatures.some((signature) => signature.keyid === keyid);
    const sound = from === null || (Number.isSafeInteger(from) && from >= 0 && from <= place);
    if (grant === undefined || grant.revoked !== null || itself || !sound) return [fault('authority.revocation')];
    grant.revoked = { place, compromisedFrom: from };
    return [];
  }
}

const fault = (key, values = {}) => ({ key, values });
const readKey = async (text, name) => (await PublicKey.fromText(text, `body.${name}`)).requireGrantable(`body.${name}`);
