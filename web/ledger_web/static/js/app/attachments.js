/**
 * Photos and files on their way to the server, by the digest of their content, in pieces.
 *
 *     await upload(digest, { bytes })              // `as`: whose key sends it, where it is not who is at work
 *
 * The server says how much has come (IETF resumable uploads), so a photo cut off by a lost signal goes on where it ended.
 */
import { signedRequest } from './api.js';
import { Problem } from './trouble.js';

const PIECE = 256 * 1024; // a few seconds on a weak line
const PATIENCE_MS = 120_000;

/** Bring the bytes to the server, as far as it has not got them. Throws `Unreachable`, `Problem`. */
export async function upload(digest, { bytes }, { as = null } = {}) {
  const path = `/blobs/uploads/${digest}`;
  const before = await signedRequest(path, { method: 'HEAD', as });
  if (!before.ok && before.status !== 404) throw await Problem.of(before);
  let { offset, complete } = before.ok ? stateOf(before) : { offset: 0, complete: false };
  let restarts = 0;
  while (!complete) {
    const end = Math.min(offset + PIECE, bytes.length);
    const answer = await signedRequest(path, {
      method: 'PATCH',
      body: bytes.subarray(offset, end),
      headers: {
        'content-type': 'application/partial-upload', 'upload-offset': String(offset),
        'upload-complete': end === bytes.length ? '?1' : '?0',
      },
      patience: PATIENCE_MS,
      as,
    });
    if (answer.ok) ({ offset, complete } = stateOf(answer));
    else if (answer.status === 409 && answer.headers.has('upload-offset') && restarts < 3) {
      restarts += 1; // an earlier piece arrived though its answer did not
      ({ offset, complete } = stateOf(answer));
    } else throw await Problem.of(answer);
  }
}

const stateOf = ({ headers }) => ({
  offset: Number(headers.get('upload-offset')), complete: headers.get('upload-complete') === '?1',
});
