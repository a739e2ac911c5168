/**
 * Service worker: pages, scripts, styles and words of one version, kept so that they open without network.
 *
 * `KEPT` is put in front of this by the server: the version and what belongs to it. Pages come from the network when it
 * answers soon, else from what is kept; everything else that is kept comes from there. What is not in `KEPT` is none of
 * this worker's business: questions, statements and sessions go to the network and are never kept here.
 *
 * Where browsers let a service worker be a module, the server puts an import of `wake` and `TAG` in front of this too
 * (`background.js`), and what was signed is sent when there is a connection though no page be open.
 */
/* global KEPT, TAG, wake */
const CACHE = `custody-${KEPT.version}`;
const LANGUAGE = 'custody-language';
const PATIENCE_MS = 3_000;

const FILES = new Set(KEPT.files);
const PAGES = KEPT.pages.map(({ url, pattern }) => ({ url, pattern: new RegExp(pattern) }));

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    const urls = [...KEPT.files, ...PAGES.flatMap(({ url }) => KEPT.languages.map((one) => `${url}?lang=${one}`))];
    await cache.addAll(urls.map((url) => new Request(url, { cache: 'no-cache' })));
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith('custody-') && name !== CACHE && name !== LANGUAGE) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener('message', (event) => {
  event.waitUntil(setLanguage(event.data.language).then(() => event.ports[0]?.postMessage('done')));
});

self.addEventListener('sync', (event) => {
  if (typeof wake === 'function' && event.tag === TAG) event.waitUntil(languageNow().then(wake));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (FILES.has(url.pathname)) event.respondWith(fromCache(request, url));
  else if (request.mode === 'navigate') {
    const page = PAGES.find(({ pattern }) => pattern.test(url.pathname));
    if (page) event.respondWith(fromNetwork(request, page));
  }
});

async function fromCache(request, url) {
  return (await (await caches.open(CACHE)).match(url.pathname)) ?? fetch(request);
}

/** A page, fresh when the network is quick. Scripts of its own version go with it, whichever it is. */
async function fromNetwork(request, page) {
  try {
    const answer = await Promise.race([fetch(request), tooLate()]);
    if (answer.status < 500) {
      const language = answer.headers.get('content-language');
      if (answer.ok && language) await setLanguage(language.startsWith('zh') ? 'zh' : 'en');
      return answer;
    }
  } catch {
    // no network, or too slow a one
  }
  const kept = await (await caches.open(CACHE)).match(`${page.url}?lang=${await languageNow()}`);
  return kept ?? fetch(request);
}

const tooLate = () => new Promise((_resolve, reject) => setTimeout(() => reject(new Error('too late')), PATIENCE_MS));

async function setLanguage(language) {
  if (!KEPT.languages.includes(language)) return;
  await (await caches.open(LANGUAGE)).put('/language', new Response(language));
}

async function languageNow() {
  const kept = await (await caches.open(LANGUAGE)).match('/language');
  return kept ? kept.text() : KEPT.languages[0];
}
