/**
 * Photos and papers that a statement names, as small pictures that open.
 *
 *     show(place, evidence(report.evidence, report.index))
 *
 * They are read by digest, with the entry that names them, by whoever may see that entry; what comes is hashed here. A
 * file that is not there, or is another one, is said so: it is evidence.
 */
import { toHex } from '../bytes.js';
import { sha256 } from '../hash.js';
import { signedRequest } from './api.js';
import { h, show } from './dom.js';
import { Problem, Trouble, say } from './trouble.js';
import { _ } from './words.js';

const PATIENCE_MS = 60_000;
const PICTURES = new Set(['image/jpeg', 'image/png', 'image/webp']);

/** A list of them, `null` where there are none. */
export function evidence(files, entry) {
  return files.length === 0 ? null : h('ul', { class: 'thumbs' }, files.map((one, at) => item(one, entry, at + 1)));
}

function item(file, entry, number) {
  const place = h('li', { 'data-file': file.sha256 }, h('span', { class: 'quiet' }, _('Loading…')));
  fetched(file, entry).then(
    (blob) => show(place, PICTURES.has(blob.type) ? picture(blob, number) : paper(blob, file)),
    (error) => {
      place.dataset.missing = '1';
      show(place, h('span', { class: 'complaint' }, error instanceof Problem && error.status === 404
        ? _('Photo {number} is not at the server (yet).', { number }) : say(error).detail));
    });
  return place;
}

async function fetched({ sha256: digest }, entry) {
  const answer = await signedRequest(`/blobs/sha256/${digest.slice(0, 2)}/${digest.slice(2)}?entry=${entry}`, { patience: PATIENCE_MS });
  if (!answer.ok) throw await Problem.of(answer);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (toHex(await sha256(bytes)) !== digest) throw new Trouble(_('The server gave another file than the one that was signed for. Tell an auditor.'));
  return new Blob([bytes], { type: (answer.headers.get('content-type') ?? '').split(';')[0] });
}

function picture(blob, number) {
  const url = URL.createObjectURL(blob);
  const name = _('Photo {number}', { number });
  return h('button', { type: 'button', class: 'plain thumb', onclick: () => open(url, name) }, h('img', { src: url, alt: name }));
}

function open(url, name) {
  const dialog = h('dialog', { class: 'sheet', 'aria-label': name },
    h('img', { class: 'whole', src: url, alt: name }),
    h('form', { method: 'dialog' }, h('div', { class: 'actions' }, h('button', { class: 'plain', autofocus: true }, _('Close')))));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const paper = (blob, { name, sha256: digest }) =>
  h('a', { class: 'button plain', href: URL.createObjectURL(blob), download: name || digest.slice(0, 16) }, name || digest.slice(0, 16));
