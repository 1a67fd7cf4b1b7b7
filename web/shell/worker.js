/*
 * Keeps the shell of the phone pages, so that they open on a slow line and without network. Never an answer of the API:
 * what is known of a person stays in the page that shows it. `shell/plugin.ts` fills in the names.
 */
const SHELL = 'yian-shell-__VERSION__'
const FILES = __FILES__
const PAGE = '/index.html'
/** A line that does not answer for so long is as good as none: the page says so itself. */
const PATIENCE_MS = 4000

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)))
})

self.addEventListener('activate', (event) => {
  const others = (names) => names.filter((name) => name.startsWith('yian-shell-') && name !== SHELL)
  event.waitUntil(caches.keys().then((names) => Promise.all(others(names).map((name) => caches.delete(name)))))
})

/** The newest page if the line is good; every address has the same one. */
async function page(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) })
  } catch {
    return (await caches.match(PAGE)) ?? Response.error()
  }
}

async function file(request) {
  return (await caches.match(request)) ?? fetch(request)
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin || pathname.startsWith('/api/')) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (FILES.includes(pathname)) event.respondWith(file(request))
})
