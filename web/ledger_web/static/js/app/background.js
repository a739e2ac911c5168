/**
 * Sending what waits though the page is closed, in the service worker (Background Sync).
 *
 *     import '…/background.js'          // in a service worker that is a module (`/sw-module.js`)
 *     await wanted()                    // in a page: wake the worker when there is a connection
 *
 * The browser wakes the worker when there is a connection. It sends with the same code and under the same lock as pages
 * (`sending.js`). Where browsers have none of this, open pages send (`main.js`).
 */
import { counts } from './outbox.js';
import { send } from './sending.js';
import { speak } from './texts.js';

export const TAG = 'custody-outbox';

/** Ask for it. Nothing depends on it: a browser may have none, or not allow it. */
export async function wanted() {
  try {
    const { sync } = await navigator.serviceWorker.ready;
    await sync?.register(TAG);
  } catch {
    // not allowed
  }
}

/** What the worker does when it is woken. Throws while something waits that may go later: the browser tries again. */
export async function wake(language) {
  await speak(language);
  if ((await counts()).waiting === 0) return;
  const { error } = await send();
  if (error !== null) throw error;
}
