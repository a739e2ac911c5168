/**
 * The published ledger as tiles (C2SP tlog-tiles): paths, entry bundles, and a tree read from hash tiles.
 *
 *     tilePath({ level: 0, number: 1234067, width: 5 })      // 'tile/0/x001/x234/067.p/5'
 *     const tree = new TileTree(read, 70_000)                // read(tile) gives its bytes, or null
 *     await tree.rootAt(1_000); await tree.inclusion(42); await tree.consistency(1_000)
 *
 * A tile holds up to 256 hashes; one of level L+1 is the root over a full tile of level L. `level` is `'entries'` for a
 * bundle of entries. Tiles are taken at their word: what is made of wrong ones does not verify.
 */
import { concat, decimal, isCount, requireBytes, requireText } from './bytes.js';
import { MAX_BYTES } from './canonical.js';
import { fail } from './errors.js';
import { HASH_BYTES } from './hash.js';
import { emptyRoot, nodeHash, rootOf } from './tree.js';

export const WIDTH = 256;

const CODE = 'TileError';
const PATH = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/;

/** The path of a tile below the root of a published ledger. */
export function tilePath({ level, number, width }) {
  const groups = [String(number % 1000).padStart(3, '0')];
  for (let rest = Math.floor(number / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return `tile/${level}/${groups.join('/')}${width === WIDTH ? '' : `.p/${width}`}`;
}

/** The tile of a path that is exactly what `tilePath` makes of it. */
export function parseTilePath(path) {
  const parts = PATH.exec(requireText(path, CODE));
  const level = parts?.[1] === 'entries' ? 'entries' : decimal(parts?.[1] ?? '', 63);
  const number = decimal(parts?.[2].replace(/[x/]/g, '').replace(/^0+(?=.)/, '') ?? '');
  const width = parts?.[3] === undefined ? WIDTH : decimal(parts[3], WIDTH - 1);
  const tile = { level, number, width };
  if (level === null || number === null || !width || tilePath(tile) !== path) fail(CODE, 'tile.path', { path: path.slice(0, 80) });
  return tile;
}

/** The tile with this number in a tree of a size: how wide it is there. */
export function tileOf(level, number, size) {
  const hashes = Math.floor(size / 256 ** (level === 'entries' ? 0 : level));
  return { level, number, width: Math.min(WIDTH, hashes - WIDTH * number) };
}

/** The entries of a bundle, unparsed: each after its length as 16 bits, big-endian. */
export function decodeBundle(bytes) {
  const data = requireBytes(bytes, CODE);
  const entries = [];
  for (let at = 0; at < data.length; ) {
    const start = at + 2;
    at = start + data[at] * 256 + data[at + 1];
    if (!(at <= data.length)) fail(CODE, 'tile.cut', { number: entries.length }); // also where the length is cut: NaN
    entries.push(data.subarray(start, at));
  }
  if (entries.length > WIDTH) fail(CODE, 'tile.many', { number: entries.length });
  return entries;
}

/** A bundle of entries. */
export function encodeBundle(entries) {
  if (entries.length > WIDTH) fail(CODE, 'tile.many', { number: entries.length });
  const parts = entries.flatMap((entry) => {
    if (entry.length > MAX_BYTES) fail(CODE, 'too_long', { length: entry.length, limit: MAX_BYTES });
    return [[entry.length >> 8, entry.length & 255], entry];
  });
  return concat(...parts);
}

export class TileTree {
  #read;
  #tiles = new Map();

  /** A tree of `size` leaves; `read({ level, number, width })` gives at least `width` hashes of a tile, or `null`. */
  constructor(read, size) {
    if (!isCount(size)) fail('ProofError', 'not_count', { field: 'size' });
    this.#read = read;
    this.size = size;
  }

  /** The root over the first `size` leaves. */
  rootAt(size = this.size) {
    if (!isCount(size) || size > this.size) fail('ProofError', 'proof.sizes', { old: size, size: this.size });
    return size === 0 ? emptyRoot() : this.#over(0, size);
  }

  /** The path from a leaf's sibling up: PATH(m, D[n]) of RFC 6962 section 2.1.1. */
  async inclusion(index) {
    if (!isCount(index) || index >= this.size) fail('ProofError', 'proof.index', { number: index, size: this.size });
    return this.#path(index, 0, this.size);
  }

  /** The proof from the tree of `old` leaves: PROOF(m, D[n]) of RFC 6962 section 2.1.2. */
  async consistency(old) {
    if (!isCount(old, 1) || old > this.size) fail('ProofError', 'proof.sizes', { old, size: this.size });
    return this.#proof(old, 0, this.size, true);
  }

  async #path(index, start, end) {
    if (end - start === 1) return [];
    const middle = start + split(end - start);
    return index < middle
      ? [...(await this.#path(index, start, middle)), await this.#over(middle, end)]
      : [...(await this.#path(index, middle, end)), await this.#over(start, middle)];
  }

  async #proof(old, start, end, known) {
    if (old === end) return known ? [] : [await this.#over(start, end)];
    const middle = start + split(end - start);
    return old <= middle
      ? [...(await this.#proof(old, start, middle, known)), await this.#over(middle, end)]
      : [...(await this.#proof(old, middle, end, false)), await this.#over(start, middle)];
  }

  /** The root over the leaves from `start` to before `end`, as the tree splits them. */
  async #over(start, end) {
    const length = end - start;
    const full = 2 ** Math.round(Math.log2(length)) === length;
    if (!full) {
      const middle = start + split(length);
      return nodeHash(await this.#over(start, middle), await this.#over(middle, end));
    }
    const level = Math.floor(Math.log2(length) / 8);
    const [first, count] = [start / 256 ** level, length / 256 ** level];
    const tile = await this.#tile(level, Math.floor(first / WIDTH));
    const at = (first % WIDTH) * HASH_BYTES;
    return rootOf(Array.from({ length: count }, (_, n) => tile.subarray(at + n * HASH_BYTES, at + (n + 1) * HASH_BYTES)));
  }

  #tile(level, number) {
    const tile = tileOf(level, number, this.size);
    const path = tilePath(tile);
    if (!this.#tiles.has(path)) this.#tiles.set(path, this.#fetched(tile, path));
    return this.#tiles.get(path);
  }

  async #fetched(tile, path) {
    const bytes = (await this.#read(tile)) ?? fail(CODE, 'tile.missing', { path });
    if (requireBytes(bytes, CODE).length < tile.width * HASH_BYTES) fail(CODE, 'tile.short', { path });
    return bytes;
  }
}

/** The largest power of two smaller than a length (RFC 6962 section 2.1). */
function split(length) {
  const below = 2 ** Math.floor(Math.log2(length));
  return below === length ? length / 2 : below;
}
