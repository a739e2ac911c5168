/**
 * Reading a code with the camera: by the browser where it can, else by the server from the picture.
 *
 *     scanInto(button, (text) => …)          // a button that opens the camera
 *     gs1('https://id.gs1.org/01/06291041500213/10/LOT7')      // { gtin: '06291041500213', lot: 'LOT7' }
 */
import { signedRequest } from './api.js';
import { h } from './dom.js';
import { Problem, Trouble } from './trouble.js';
import { _ } from './words.js';

const FORMATS = ['qr_code', 'data_matrix', 'code_128', 'ean_13', 'ean_8', 'upc_a', 'itf'];

/** Let a button take a picture and hand on the text of the code in it. */
export function scanInto(button, found, failed) {
  const input = h('input', { type: 'file', accept: 'image/*', capture: 'environment', hidden: true, tabindex: '-1', 'aria-hidden': 'true' });
  button.after(input);
  button.addEventListener('click', () => input.click());
  input.addEventListener('change', async () => {
    const [file] = input.files;
    input.value = '';
    if (!file) return;
    button.disabled = true;
    try {
      found(await read(file));
    } catch (error) {
      failed(error);
    } finally {
      button.disabled = false;
    }
  });
}

/** The text of the first code in a picture. Throws `Trouble` when there is none. */
export async function read(file) {
  if ('BarcodeDetector' in globalThis) {
    const picture = await createImageBitmap(file).catch(() => null);
    const able = await BarcodeDetector.getSupportedFormats().catch(() => []);
    const formats = FORMATS.filter((one) => able.includes(one));
    if (picture !== null && formats.length) {
      const [code] = await new BarcodeDetector({ formats }).detect(picture).catch(() => []);
      if (code) return code.rawValue;
    }
  }
  const answer = await signedRequest('/api/scan', { method: 'POST', body: file, headers: { 'content-type': file.type || 'image/jpeg' }, patience: 30_000 });
  if (!answer.ok) throw await Problem.of(answer);
  const [code] = (await answer.json()).codes ?? [];
  if (code === undefined) throw new Trouble(_('No code was found in the picture: come closer, avoid glare, and try again; or type it.'));
  return code.text;
}

/** GTIN, lot, and days of a GS1 Digital Link or element string; `{}` for other texts. */
export function gs1(text) {
  const found = {};
  const names = { '01': 'gtin', 10: 'lot', 11: 'production_date', 15: 'best_before', 17: 'best_before', 21: 'serial' };
  const take = (ai, value) => {
    if (names[ai] !== undefined) found[names[ai]] = ['11', '15', '17'].includes(ai) ? isoOf(value) : value;
  };
  if (/^https?:\/\//.test(text)) {
    const url = URL.parse?.(text) ?? new URL(text);
    const parts = url.pathname.split('/').filter(Boolean);
    const start = parts.indexOf('01');
    for (let at = start; start >= 0 && at + 1 < parts.length; at += 2) take(parts[at], decodeURIComponent(parts[at + 1]));
    for (const [ai, value] of url.searchParams) take(ai, value);
  } else if (text.startsWith('(')) {
    for (const [, ai, value] of text.matchAll(/\((\d{2,4})\)([^(]*)/g)) take(ai, value);
  } else if (/^01\d{14}/.test(text)) {
    elements(text, take);
  } else if (/^\d{8}$|^\d{12,14}$/.test(text)) {
    found.gtin = text;
  }
  return found;
}

const FIXED = { '01': 14, 11: 6, 13: 6, 15: 6, 17: 6 };

function elements(text, take) {
  let rest = text;
  while (rest.length > 2) {
    const ai = rest.slice(0, 2);
    const end = FIXED[ai] ?? ((at) => (at < 0 ? rest.length : at - 2))(rest.indexOf('\x1d'));
    take(ai, rest.slice(2, 2 + end));
    rest = rest.slice(2 + end).replace(/^\x1d/, '');
  }
}

function isoOf(value) {
  const parts = /^(\d{2})(\d{2})(\d{2})$/.exec(value);
  return parts && parts[3] !== '00' ? `20${parts[1]}-${parts[2]}-${parts[3]}` : undefined;
}
