/** A phone area can be put on the home screen, and opens there without network. Called once by the area's bundle. */

let done = false

/** @param area its first path, such as `family`; `<area>.webmanifest` stands in `public/` */
export function installable(area: string): void {
  if (done || !import.meta.env.PROD) return
  done = true
  const head = (tag: 'link' | 'meta', attributes: Record<string, string>): void => {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
    document.head.append(element)
  }
  head('link', { rel: 'manifest', href: `/${area}.webmanifest` })
  head('link', { rel: 'apple-touch-icon', href: '/icon-192.png' })
  if (!('serviceWorker' in navigator)) return
  const register = (): void => void navigator.serviceWorker.register('/phone-worker.js', { scope: `/${area}` }).catch(() => null)
  if (document.readyState === 'complete') register()
  else window.addEventListener('load', register, { once: true })
}
