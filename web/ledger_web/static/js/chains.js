/**
 * Each entry follows on the one before: its place, the hash chain, every merchant's own chain, the ledger's clock.
 *
 *     const chains = new Chains()
 *     chains.follow(entry, place, leafHex)      // [{ check, key, values }]
 *     chains.skip(leafHex)                      // an entry that cannot be read: only its hash is known
 *
 * After a fault it goes on from what is there, so that one change is reported once, not for the rest of the ledger.
 */
export class Chains {
  #previous = null; // leaf hash of the entry before
  #recordedAt = '';
  #offset = 0; // how far entries are from the places they name
  #merchants = new Map(); // merchant to { seq, leaf }
  #ids = new Set();

  follow(entry, place, leaf) {
    const faults = [];
    if (entry.prev !== this.#previous) faults.push({ check: 'chain', key: 'chain.prev', values: {} });
    if (entry.recorded_at < this.#recordedAt) faults.push({ check: 'index', key: 'index.time', values: {} });
    if (entry.index - place !== this.#offset) {
      this.#offset = entry.index - place;
      if (this.#offset !== 0) faults.push({ check: 'index', key: 'index.place', values: { stated: entry.index } });
    }
    const { id, merchant } = entry.statement;
    if (this.#ids.has(id)) faults.push({ check: 'index', key: 'index.id', values: { id } });
    this.#ids.add(id);
    if (merchant !== null) {
      const before = this.#merchants.get(merchant);
      if (entry.merchant_seq !== (before === undefined ? 0 : before.seq + 1)) {
        faults.push({ check: 'merchant_chain', key: 'merchant_chain.seq', values: { merchant, seq: entry.merchant_seq } });
      } else if (entry.merchant_prev !== (before?.leaf ?? null)) {
        faults.push({ check: 'merchant_chain', key: 'merchant_chain.prev', values: { merchant, seq: entry.merchant_seq } });
      }
      this.#merchants.set(merchant, { seq: entry.merchant_seq, leaf });
    }
    this.#previous = leaf;
    this.#recordedAt = entry.recorded_at;
    return faults;
  }

  skip(leaf) {
    this.#previous = leaf;
  }
}
