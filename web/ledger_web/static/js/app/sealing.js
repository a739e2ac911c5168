/**
 * Names and phones of people, sealed: an entry has a digest, the text stays on this phone and can be erased.
 *
 *     const sealed = []
 *     body.who = await sealText('who', text, sealed)        // { sealed: digest }, undefined for no text
 *     await state({ …, body, sealed })                      // kept in the step that signs
 *     const all = await disclosures()                       // [{ digest, disclosure, kind, id, at }]
 *
 * The same bytes as the command line's (`../sealed.js`). A disclosure that the browser threw away is said: nobody can
 * read that value any more, though all proofs hold.
 */
import { openDisclosure, seal } from '../sealed.js';
import { mark, marked } from './beside.js';
import { table, transaction } from './store.js';
import { _ } from './words.js';

const PREFIX = 'sealed ';
const NOTE = 'sealed';

/** A text as it stands in a body; its disclosure is added to `kept`. */
export async function sealText(name, text, kept) {
  if (!text) return undefined;
  const made = await seal(name, text, (count) => crypto.getRandomValues(new Uint8Array(count)));
  kept.push(made);
  return { sealed: made.digest };
}

/** How a sealed text is shown before signing, and how it is kept in what was signed. */
export const sealedRow = (label, text) => (text ? [[label, _('{text} (sealed: it stays on this phone)', { text }), _('sealed value')]] : []);

/** All disclosures on this phone, newest first. */
export async function disclosures() {
  return transaction(['facts'], async ({ facts }) => {
    const digests = (await facts.keys()).filter((key) => key.startsWith(PREFIX));
    const found = await Promise.all(digests.map(async (key) => ({ digest: key.slice(PREFIX.length), ...(await facts.get(key)) })));
    return found.sort((one, other) => other.at - one.at);
  }, 'readonly');
}

/** Field and value of a disclosure. */
export const opened = ({ disclosure }) => openDisclosure(disclosure);

/** Erase a disclosure: the entry stays, and nobody can read the value any more. */
export async function erase(digest) {
  await table('facts').remove(PREFIX + digest);
  await noteSealed();
}

/** Write beside the database what there is. */
export async function noteSealed() {
  mark(NOTE, (await disclosures()).map((one) => one.digest));
}

/** How many disclosures were here and are not any more. */
export async function lostSealed() {
  const here = new Set((await disclosures()).map((one) => one.digest));
  return (marked(NOTE) ?? []).filter((digest) => !here.has(digest)).length;
}
