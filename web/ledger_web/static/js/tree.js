/**
 * The Merkle tree of RFC 6962 section 2.1 with SHA-256: hashes, roots, and the verification of proofs.
 *
 *     await rootOf(leafHashes)                                        // 32 bytes
 *     await verifyInclusion(index, size, leafHash, path, root)        // returns, or throws ProofError
 *     await verifyConsistency(old, size, path, oldRoot, root)
 *
 * Verification is written down from RFC 9162 sections 2.1.3.2 and 2.1.4.2, step by step. Sizes are integers that
 * JavaScript keeps exactly; it computes with bits of 32 only, so halves and remainders are taken instead.
 */
import { concat, equal, isCount, requireBytes } from './bytes.js';
import { fail } from './errors.js';
import { HASH_BYTES, sha256 } from './hash.js';

const CODE = 'ProofError';
const half = (number) => Math.floor(number / 2);

/** Leaf: SHA-256(0x00 ‖ data), RFC 6962 section 2.1. */
export const leafHash = (data) => sha256(concat([0], requireBytes(data, 'EncodingError')));

/** Node: SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1. */
export const nodeHash = (left, right) => sha256(concat([1], left, right));

/** The root of the tree without leaves: the hash of nothing. */
export const emptyRoot = () => sha256(new Uint8Array());

/** The root over leaf hashes. A hash without a partner moves up as it is. */
export async function rootOf(hashes) {
  if (hashes.length === 0) return emptyRoot();
  let layer = [...hashes];
  while (layer.length > 1) {
    const pairs = Array.from({ length: Math.ceil(layer.length / 2) }, (_, at) => layer.slice(2 * at, 2 * at + 2));
    layer = await Promise.all(pairs.map(([left, right]) => (right === undefined ? left : nodeHash(left, right))));
  }
  return layer[0];
}

/** The root over neighbouring full subtrees, each smaller than the one on its left. */
export async function join(hashes) {
  if (hashes.length === 0) return emptyRoot();
  let root = hashes[hashes.length - 1];
  for (let at = hashes.length - 2; at >= 0; at -= 1) root = await nodeHash(hashes[at], root);
  return root;
}

/** Requires 0 <= index < size. RFC 9162 section 2.1.3.2. */
export async function verifyInclusion(index, size, leaf, path, root) {
  if (!isCount(index) || !isCount(size) || index >= size) fail(CODE, 'proof.index', { number: index, size });
  requireHashes([leaf, root, ...requirePath(path)]);
  let [fn, sn, r] = [index, size - 1, leaf];
  for (const p of path) {
    if (sn === 0) fail(CODE, 'proof.length');
    if (fn % 2 === 1 || fn === sn) {
      r = await nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else r = await nodeHash(r, p);
    [fn, sn] = [half(fn), half(sn)];
  }
  if (sn !== 0) fail(CODE, 'proof.length');
  if (!equal(r, root)) fail(CODE, 'proof.inclusion', { number: index, size });
}

/** Requires 0 < old <= size. The path is empty if and only if the sizes are equal. RFC 9162 section 2.1.4.2. */
export async function verifyConsistency(old, size, path, oldRoot, root) {
  if (!isCount(old, 1) || !isCount(size, 1) || old > size) fail(CODE, 'proof.sizes', { old, size });
  requireHashes([oldRoot, root, ...requirePath(path)]);
  if (old === size) {
    if (path.length) fail(CODE, 'proof.length');
    if (!equal(oldRoot, root)) fail(CODE, 'proof.two_histories', { size });
    return;
  }
  if (path.length === 0) fail(CODE, 'proof.length');
  const whole = 2 ** Math.round(Math.log2(old)) === old; // the old tree is a full subtree: the verifier has its hash
  const nodes = whole ? [oldRoot, ...path] : path;
  let [fn, sn] = [old - 1, size - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  let [fr, sr] = [nodes[0], nodes[0]];
  for (const c of nodes.slice(1)) {
    if (sn === 0) fail(CODE, 'proof.length');
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [await nodeHash(c, fr), await nodeHash(c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else sr = await nodeHash(sr, c);
    [fn, sn] = [half(fn), half(sn)];
  }
  if (sn !== 0) fail(CODE, 'proof.length');
  if (!equal(fr, oldRoot)) fail(CODE, 'proof.old_root', { old });
  if (!equal(sr, root)) fail(CODE, 'proof.consistency', { old, size });
}

const requirePath = (path) => (Array.isArray(path) ? path : fail(CODE, 'proof.length'));

function requireHashes(hashes) {
  if (!hashes.every((hash) => hash instanceof Uint8Array && hash.length === HASH_BYTES)) fail(CODE, 'proof.hash');
}
