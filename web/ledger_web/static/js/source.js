/**
 * Where a published ledger is read from (format, section 6): `read(path)` gives bytes, or `null` where there is nothing.
 *
 *     const source = httpSource('https://ledger.example/', fetch)
 *     await source.read('checkpoint'); await readTile(source, tileOf('entries', 0, 300))
 *
 * A place that cannot be reached or answers with an error is a `LedgerError` of code `SourceError`: that nothing was
 * heard proves nothing.
 */
import { concat } from './bytes.js';
import { fail } from './errors.js';
import { tilePath, WIDTH } from './tiles.js';

export const MAX_FILE_BYTES = 256 * (2 + 65_535); // an entry bundle of the largest entries

const CODE = 'SourceError';

/** A ledger behind a web server: paths are relative to `base`, which ends in a slash. */
export function httpSource(base, fetch = (...given) => globalThis.fetch(...given)) {
  return {
    async read(path) {
      let response;
      try {
        // the head changes, and an old one from the browser's cache would pass for the newest
        const cache = path === 'checkpoint' ? 'no-cache' : 'default';
        response = await fetch(new URL(path, base), { cache, credentials: 'same-origin' });
      } catch (cause) {
        return fail(CODE, 'source.unreachable', { path, cause });
      }
      if (response.status === 404 || response.status === 410) return null;
      if (!response.ok) fail(CODE, 'source.status', { path, status: response.status });
      return body(response, path);
    },
  };
}

/** The first `width` hashes or entries of a tile; a partial tile may have gone once there is the full one. */
export async function readTile(source, tile) {
  const bytes = await source.read(tilePath(tile));
  return bytes ?? (tile.width < WIDTH ? source.read(tilePath({ ...tile, width: WIDTH })) : null);
}

async function body(response, path) {
  const parts = [];
  let length = 0;
  try {
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return concat(...parts);
      parts.push(value);
      length += value.length;
      if (length > MAX_FILE_BYTES) {
        await reader.cancel();
        break;
      }
    }
  } catch (cause) {
    fail(CODE, 'source.unreachable', { path, cause });
  }
  return fail(CODE, 'too_long', { field: path, length, limit: MAX_FILE_BYTES });
}
