/**
 * Marks beside the database, in `localStorage`: short of room, browsers throw away databases and keep this. What stands
 * here and not there was lost, and is said.
 *
 *     mark('waiting', ['0190…'])
 *     marked('waiting')               // what was marked last, null if nothing
 *
 * A mark that cannot be made stops nothing: what it is about is kept already.
 */
const nameOf = (name) => `custody-${name}`;

export function mark(name, value) {
  try {
    if (value === null) localStorage.removeItem(nameOf(name));
    else localStorage.setItem(nameOf(name), JSON.stringify(value));
  } catch {
    // full, not allowed, or a service worker, which has none
  }
}

export function marked(name) {
  try {
    return JSON.parse(localStorage.getItem(nameOf(name)));
  } catch {
    return null;
  }
}
