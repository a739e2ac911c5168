/**
 * What the ledger would say of a statement, asked before anybody signs it.
 *
 *     const { second } = await wouldTake({ kind: 'card.lifted', merchant, body })      // throws its refusal, a `Problem`
 *     const id = await act({ kind, merchant, body, name })                             // asked, shown, signed, sent
 *
 * Without a connection nobody can be asked: what can wait is signed all the same, and judged when it gets there.
 */
import { send } from './api.js';
import { aboutOf, titleOf } from './officers.js';
import { state } from './statements.js';
import { Problem, Unreachable } from './trouble.js';

/** `{ second }`: whether another officer must sign too; `{ second: false, asked: false }` when nobody could be asked. */
export async function wouldTake({ kind, merchant = null, body }, { online = false } = {}) {
  try {
    const found = await send('POST', '/api/trial', { kind, merchant, body });
    if (!found.accepted) throw new Problem(found.problem, found.problem.status);
    return { second: found.second, asked: true };
  } catch (error) {
    if (online || !(error instanceof Unreachable)) throw error;
    return { second: false, asked: false };
  }
}

/** An officer's act, refused before it is signed where it can be. Its id; `false` when thought better of. */
export async function act({ kind, merchant = null, body, name = null, about = [], photos = [] }, options = {}) {
  const { second } = await wouldTake({ kind, merchant, body }, options);
  return state({ kind, merchant, body, photos, second, title: titleOf(kind), about: [...about, ...aboutOf(kind, body, { name })] });
}
