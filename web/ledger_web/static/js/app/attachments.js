/**
 * Photos and files on their way to the server, by the digest of their content.
 *
 *     await upload(digest, { bytes, type })
 */
import { request } from './api.js';
import { Problem } from './trouble.js';

const PATIENCE_MS = 120_000; // a photo over a weak signal

/** Bring the bytes to the server, unless it has them. Throws `Unreachable`, `Problem`. */
export async function upload(digest, { bytes, type }) {
  const there = await request(`/blobs/sha256/${digest}`, { method: 'HEAD' });
  if (there.ok) return;
  const answer = await request(`/blobs/sha256/${digest}`, {
    method: 'PUT', body: bytes, headers: { 'content-type': type || 'application/octet-stream' }, patience: PATIENCE_MS,
  });
  if (!answer.ok) throw await Problem.of(answer);
}
