import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { allTexts } from './words'

/** The codes as the platform's own document lists them, and the one that the worker adds. */
function codes(): string[] {
  const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/asyncapi.json'), 'utf8'))
  return [...document.components.schemas.Remark.properties.code.examples, 'id.reused']
}

test.each(['zh-CN', 'en'] as const)('every remark of an event has its words in %s', (locale) => {
  const known = [...allTexts(locale).keys()].filter((path) => path.startsWith('remark.'))
  expect(known.sort()).toEqual(codes().map((code) => `remark.${code}`).sort())
})
