/** The service worker of the phone pages, made at every build: it knows the names of the files they need. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Plugin } from 'vite'

import { filesOf } from '../budgets.ts'

const PARTS = ['entry/area', 'family/area', 'family/ordering', 'family/recurring', 'worker/area']
const STANDING = ['mark.svg', 'family.webmanifest', 'worker.webmanifest']

export function shell(): Plugin {
  return {
    name: 'shell',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const built = [...filesOf(bundle, PARTS)]
        const page = bundle['index.html']
        const version = createHash('sha256').update(built.join()).update(page?.type === 'asset' ? page.source : '').digest('hex')
        const files = [...built, ...STANDING].map((name) => `/${name}`)
        const source = readFileSync(join(import.meta.dirname, 'worker.js'), 'utf8')
          .replace('__VERSION__', version.slice(0, 12))
          .replace('__FILES__', JSON.stringify(files))
        this.emitFile({ type: 'asset', fileName: 'phone-worker.js', source })
      },
    },
  }
}
