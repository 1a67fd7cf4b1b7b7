import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import openapi, { astToString } from 'openapi-typescript'
import { expect, test } from 'vitest'

const WEB = join(import.meta.dirname, '..')

test("the client is that of the API's document: otherwise run `npm run api`", async () => {
  const document = JSON.parse(readFileSync(join(WEB, '../docs/openapi.json'), 'utf8')) as never
  const made = astToString(await openapi(document)).trim()
  const kept = readFileSync(join(WEB, 'src/api/schema.d.ts'), 'utf8')
  expect(kept.slice(kept.indexOf('export interface paths')).trim()).toBe(made.slice(made.indexOf('export interface paths')))
})
