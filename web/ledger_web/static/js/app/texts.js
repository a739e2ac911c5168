/**
 * The texts that are at hand, in the language of the reader; nothing here waits, so a service worker can use it too.
 *
 *     await speak('zh')                                  // fetch the words of a language
 *     _('Accepted as entry {index}', { index: 7 })       // '已收，第 7 条'
 *     code('document_type', 'invoice')                   // '发票'
 *
 * Pages take these from `words.js`, which has spoken before anything else runs.
 */
export let language = 'zh';
let words = { texts: {}, codes: {} };

/** Speak a language from now on. Without its words everything still works, in English. */
export async function speak(name) {
  language = name;
  try {
    const answer = await fetch(`/words/${name}.json`);
    if (answer.ok) words = await answer.json();
  } catch {
    // no words
  }
}

/** A text of the program, its `{name}`s filled. */
export function _(text, values = {}) {
  return (words.texts[text] ?? text).replace(/\{(\w+)\}/g, (_all, name) => String(values[name] ?? ''));
}

/** The name of a code of the schemas; the code where it has none. */
export const code = (choice, value) => words.codes[choice]?.[value] ?? value;

/** All codes of a choice with their names. */
export const choices = (choice) => Object.entries(words.codes[choice] ?? {});
