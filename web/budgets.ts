/** What a page may weigh before it can be used: counted at every build, and too much fails it. */
import { gzipSync } from 'node:zlib'

import type { Plugin, Rollup } from 'vite'

interface Budget {
  name: string
  /** The bundles that a person has loaded by then, by the module each begins with. */
  parts: string[]
  kilobytes: number
}

const BUDGETS: Budget[] = [
  { name: 'an operator sees and claims an alarm', parts: ['entry/area', 'console/area'], kilobytes: 200 },
  { name: "the family's first load", parts: ['entry/area', 'family/area'], kilobytes: 130 },
  { name: 'a family orders and follows', parts: ['entry/area', 'family/area', 'family/ordering'], kilobytes: 150 },
  { name: 'the public page of stars', parts: ['public/area'], kilobytes: 110 },
  { name: "a worker's first load", parts: ['entry/area', 'worker/area'], kilobytes: 130 },
]

/** The document, and for its entry and each part the chunks they import at once with their styles. What is imported later is not counted. */
export function filesOf(bundle: Rollup.OutputBundle, parts: string[]): Set<string> {
  const files = new Set(['index.html'])
  const add = (name: string): void => {
    const chunk = bundle[name]
    if (files.has(name) || chunk?.type !== 'chunk') return
    files.add(name)
    for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style)
    chunk.imports.forEach(add)
  }
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
  for (const part of parts) {
    const begin = chunks.find((chunk) => chunk.moduleIds.some((id) => id.endsWith(`/src/${part}.ts`)))
    if (!begin) throw new Error(`There is no bundle that begins with ${part}.`)
    add(begin.fileName)
  }
  chunks.filter((chunk) => chunk.isEntry).forEach((chunk) => add(chunk.fileName))
  return files
}

function gzippedKilobytes(bundle: Rollup.OutputBundle, files: Set<string>): number {
  let bytes = 0
  for (const name of files) {
    const file = bundle[name]
    if (file) bytes += gzipSync(file.type === 'chunk' ? file.code : file.source).length
  }
  return bytes / 1000
}

export function budgets(): Plugin {
  return {
    name: 'budgets',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        for (const { name, parts, kilobytes } of BUDGETS) {
          const files = filesOf(bundle, parts)
          const weighs = gzippedKilobytes(bundle, files)
          const said = `${name}: ${weighs.toFixed(0)} of ${kilobytes} kB gzipped`
          if (weighs > kilobytes) this.error(`${said}. It loads ${[...files].join(', ')}.`)
          this.info(said)
        }
      },
    },
  }
}
