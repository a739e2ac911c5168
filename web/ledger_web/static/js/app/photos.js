/**
 * Photos of a form, made smaller, as attachments.
 *
 *     const photos = await photosOf(input)              // [{ body, photo }]; names say nothing of the phone or its owner
 */
import { $, $$ } from './dom.js';
import { attachment } from './outbox.js';
import { Trouble } from './trouble.js';
import { _ } from './words.js';

const PHOTO_SIDE = 1600; // pixels: papers stay readable, and a photo goes over a slow line
const PHOTO_QUALITY = 0.8;
const made = new WeakMap(); // file to its smaller self

/** The photos of an input, made smaller, as attachments. */
export async function photosOf(input) {
  return Promise.all([...(input?.files ?? [])].map(async (file, at) => {
    const blob = await small(file);
    const kind = blob.type === 'image/jpeg' ? 'jpg' : (blob.type.split('/')[1] ?? 'bin').replace(/[^a-z0-9]/g, '');
    return attachment(blob, `photo-${at + 1}.${kind}`);
  }));
}

/** A file as it is kept: pictures smaller, others as they are. Each is made once. */
export function small(file) {
  if (!made.has(file)) made.set(file, file.type.startsWith('image/') ? shrunk(file) : Promise.resolve(file));
  return made.get(file);
}

/** A file that was made smaller before. */
small.done = (file) => {
  made.set(file, Promise.resolve(file));
  return file;
};

async function shrunk(file) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch (error) {
    throw new Trouble(_('The photo {name} cannot be read: take it again.', { name: file.name }), { cause: error });
  }
  const scale = Math.min(1, PHOTO_SIDE / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.convertToBlob({ type: 'image/jpeg', quality: PHOTO_QUALITY }); // also takes place and time out of it
}

/** Show beside a photo input how many are chosen. */
export function watchPhotos(root = document) {
  for (const input of $$('input[type=file][data-photos]', root)) {
    input.addEventListener('change', () => {
      const said = $('[data-count]', input.closest('.field'));
      if (said) said.textContent = input.files.length ? _('{count} photos', { count: input.files.length }) : '';
    });
  }
}
