/**
 * A tree that grows leaf by leaf and keeps every full subtree, for somebody who reads a whole ledger.
 *
 *     await tree.extend(leafHashes)
 *     await tree.rootAt(1_040); tree.tile(0, 3, 256)
 *
 * 64 bytes of memory a leaf, one hash a leaf on average, and the root of any earlier size with few hashes more.
 */
import { HASH_BYTES } from './hash.js';
import { join, nodeHash } from './tree.js';

class Row {
  bytes = new Uint8Array(64 * HASH_BYTES);
  count = 0;

  push(hash) {
    const at = this.count * HASH_BYTES;
    if (at === this.bytes.length) {
      const wider = new Uint8Array(2 * at);
      wider.set(this.bytes);
      this.bytes = wider;
    }
    this.bytes.set(hash, at);
    this.count += 1;
  }

  slice(start, end) {
    return this.bytes.subarray(start * HASH_BYTES, end * HASH_BYTES);
  }
}

export class GrowingTree {
  #rows = [new Row()]; // row h: the roots of the full subtrees of 2^h leaves
  #roots = new Map();

  get size() {
    return this.#rows[0].count;
  }

  /** Append leaf hashes. */
  async extend(leaves) {
    for (const leaf of leaves) this.#rows[0].push(leaf);
    for (let height = 0; this.#rows[height].count > 1; height += 1) {
      const below = this.#rows[height];
      const above = (this.#rows[height + 1] ??= new Row());
      const first = above.count;
      const missing = Math.floor(below.count / 2) - first;
      const nodes = Array.from({ length: missing }, (_, n) => {
        const left = 2 * (first + n);
        return nodeHash(below.slice(left, left + 1), below.slice(left + 1, left + 2));
      });
      for (const node of await Promise.all(nodes)) above.push(node);
    }
  }

  /** The root over the first `size` leaves, of which there must be so many. Those of recent sizes are remembered. */
  async rootAt(size) {
    if (!this.#roots.has(size)) {
      if (this.#roots.size > 1000) this.#roots.clear();
      this.#roots.set(size, this.#joined(size));
    }
    return this.#roots.get(size);
  }

  /** The first `width` hashes of a tile. */
  tile(level, number, width) {
    return this.#rows[8 * level]?.slice(256 * number, 256 * number + width) ?? new Uint8Array();
  }

  #joined(size) {
    const nodes = [];
    let start = 0;
    for (let height = this.#rows.length - 1; height >= 0; height -= 1) {
      if (start + 2 ** height > size) continue;
      const number = start / 2 ** height;
      nodes.push(this.#rows[height].slice(number, number + 1).slice()); // a copy: the row may move while this waits
      start += 2 ** height;
    }
    return join(nodes);
  }
}
