/** The document once for each area, with what its pages load first: what must be read before it is known comes later. */
import type { Plugin } from 'vite'

import { filesOf } from './budgets.ts'

/** The longest beginning of an address counts. */
const FIRST: Record<string, string> = {
  '/login': 'entry/area',
  '/console': 'console/area',
  '/family': 'family/area',
  '/family/elders': 'family/ordering',
  '/family/orders': 'family/ordering',
  '/worker': 'worker/area',
}
/** Who asks: every page but the first needs it before anything else. */
const SIGNED_IN = '<link rel="preload" as="fetch" crossorigin href="/api/v1/session">'

function link(name: string): string {
  return name.endsWith('.css') ? `<link rel="preload" as="style" crossorigin href="/${name}">` : `<link rel="modulepreload" crossorigin href="/${name}">`
}

export function preloads(): Plugin {
  return {
    name: 'preloads',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const page = bundle['index.html']
        if (page?.type !== 'asset') throw new Error('There is no index.html.')
        const known = filesOf(bundle, [])
        const documents: Record<string, string> = {}
        for (const [path, part] of Object.entries(FIRST)) {
          const files = [...filesOf(bundle, [part])].filter((name) => !known.has(name))
          const links = [...(path === '/login' ? [] : [SIGNED_IN]), ...files.map(link)]
          const fileName = (documents[path] = `${part.replace('/', '-')}.html`)
          this.emitFile({ type: 'asset', fileName, source: String(page.source).replace('</head>', `${links.map((one) => `  ${one}\n`).join('  ')}  </head>`) })
        }
        this.emitFile({ type: 'asset', fileName: 'documents.json', source: JSON.stringify(documents, null, 1) })
      },
    },
  }
}
