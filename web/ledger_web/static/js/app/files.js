/**
 * Files in and out: dropped or chosen, and downloads that need a session.
 *
 *     takeFiles($('#drop'), $('#file'), (files) => …)
 *     await saveFrom('/api/labels/B1?kind=pdf', 'B1.pdf')
 */
import { request } from './api.js';
import { h } from './dom.js';
import { signIn } from './session.js';
import { Problem } from './trouble.js';

/** Files dropped on a place or chosen in its input. */
export function takeFiles(place, input, taken) {
  for (const name of ['dragover', 'dragenter']) {
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.classList.add('over');
    });
  }
  place.addEventListener('dragleave', () => place.classList.remove('over'));
  place.addEventListener('drop', (event) => {
    event.preventDefault();
    place.classList.remove('over');
    if (event.dataTransfer.files.length) taken([...event.dataTransfer.files]);
  });
  input.addEventListener('change', () => {
    const files = [...input.files];
    input.value = '';
    if (files.length) taken(files);
  });
}

/** What the server answers, as bytes; signs in first where it asks for it. Throws `Problem`, `Unreachable`. */
export async function bytesFrom(path, { patience = 120_000 } = {}) {
  let answer = await request(path, { patience });
  if (answer.status === 401) {
    await signIn();
    answer = await request(path, { patience });
  }
  if (!answer.ok) throw await Problem.of(answer);
  return answer.blob();
}

/** Save a file of the server under a name. */
export async function saveFrom(path, name) {
  saveAs(await bytesFrom(path), name);
}

export function saveAs(blob, name) {
  const url = URL.createObjectURL(blob);
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
