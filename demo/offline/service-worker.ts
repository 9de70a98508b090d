/**
 * Keeps the demo's own files, so that it opens without a network. The page itself is asked for first, so that a new build
 * is seen at once; whatever it names has a hash in its name and never changes.
 */
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}

interface FetchEvent extends ExtendableEvent {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

interface ServiceWorkerScope {
  readonly registration: { readonly scope: string }
  addEventListener(name: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void
  addEventListener(name: 'fetch', listener: (event: FetchEvent) => void): void
}

/** Of the build, put in by it: every file, and a hash over all of them. */
declare const FILES: readonly string[]
declare const VERSION: string

const scope = globalThis as unknown as ServiceWorkerScope
const family = `parsec-web-demo ${scope.registration.scope} `
const cacheName = family + VERSION
const kept = new Set(FILES.map((file) => new URL(file, scope.registration.scope).href))
const page = new URL('index.html', scope.registration.scope).href

scope.addEventListener('install', (event) => event.waitUntil(keepAll()))
scope.addEventListener('activate', (event) => event.waitUntil(forgetOthers()))
scope.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET') return
  if (request.mode === 'navigate' && isOurs(request.url)) event.respondWith(freshPage(request))
  else if (kept.has(request.url)) event.respondWith(keptFile(request))
})

async function keepAll(): Promise<void> {
  const cache = await caches.open(cacheName)
  await cache.addAll([...kept])
}

/** Only once no page of an older build is open: a worker is not activated before. */
async function forgetOthers(): Promise<void> {
  const names = await caches.keys()
  const old = names.filter((name) => name.startsWith(family) && name !== cacheName)
  await Promise.all(old.map((name) => caches.delete(name)))
}

/** Other pages may live beside ours. */
function isOurs(address: string): boolean {
  const { origin, pathname } = new URL(address)
  return [scope.registration.scope, page].includes(origin + pathname)
}

async function freshPage(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const found = await caches.match(page, { cacheName })
    if (found) return found
    throw error
  }
}

/** The same bytes for whoever asks, whatever the server says it varies by. */
async function keptFile(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName, ignoreVary: true })) ?? (await fetch(request))
}
