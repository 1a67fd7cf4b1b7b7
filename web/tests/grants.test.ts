import { expect, test } from 'vitest'

import type { Grant } from '@/api/types'
import { dayWords } from '@/i18n/time'
import { draftFaults, isPhone } from '@/family/asking'
import { byElder, kindWords } from '@/family/grants'

const t = (key: string, named?: Record<string, unknown>): string => (named ? `${key} ${JSON.stringify(named)}` : key === 'data.listComma' ? '、' : key)

function aGrant(fields: Partial<Grant>): Grant {
  return {
    id: '1', version: 1, state: 'confirmed', kinds: ['see'], until: null, account_id: 'a', account_name: '林小月', relation: '女儿',
    elder_id: 'e', elder_name: '王银杏', region_code: '420202', how: 'phone', asked_at: '2026-11-29T00:00:00Z', since: '2026-11-29T00:00:00Z',
    ...fields,
  }
}

const draft = { name: '王银杏', relation: '女儿', county: '420202', reach: 'W-000123', lastFour: '123X', kinds: ['see' as const] }

test('what is missing is named, and only what this screen asks for', () => {
  const empty = { name: ' ', relation: '', county: '', reach: '12', lastFour: '12', kinds: [] }
  expect(draftFaults('who', empty)).toEqual(['name', 'relation'])
  expect(draftFaults('where', empty)).toEqual(['county'])
  expect(draftFaults('found', empty)).toEqual(['reach', 'lastFour'])
  expect(draftFaults('what', empty)).toEqual(['kinds'])
  for (const step of ['who', 'where', 'found', 'what', 'check'] as const) expect(draftFaults(step, draft)).toEqual([])
})

test('a phone number is told from the id of a device', () => {
  for (const phone of ['13912345678', '+86 139-1234-5678', '0714-6521234']) expect(isPhone(phone)).toBe(true)
  for (const device of ['W-000123', 'w123456789', '120']) expect(isPhone(device)).toBe(false)
})

test('grants come by elder, each with what others hold; what waits or is over is not among them', () => {
  const mine = [aGrant({}), aGrant({ id: '2', kinds: ['order'] }), aGrant({ id: '3', elder_id: 'f', elder_name: '李海棠' }), aGrant({ id: '4', state: 'asked', elder_id: null })]
  const others = new Map([['e', [aGrant({ id: '5', account_id: 'b' })]], ['f', null]])
  const found = byElder(mine, others)
  expect(found.map(({ name, mine: own, others: theirs }) => [name, own.length, theirs?.length ?? null])).toEqual([['王银杏', 2, 1], ['李海棠', 1, null]])
})

test('kinds are said in one order, and a last day as a day', () => {
  expect(kindWords(['order', 'see'], t)).toBe('grantKind.see、grantKind.order')
  expect(dayWords('2026-12-31', new Date('2026-11-29T00:00:00Z'), t)).toContain('time.dayAlone ')
  expect(dayWords('2027-01-31', new Date('2026-11-29T00:00:00Z'), t)).toContain('time.dayAloneOfYear ')
})
