import { describe, expect, test } from 'vitest'

import { Problem } from '@/api/client'
import type { ElderProfile } from '@/api/types'
import { contactFaults, faultsOf, refusedFields } from '@/supervisor/checks'
import { blankContact, contactsToSend, moved } from '@/supervisor/contacts'
import { BLANK, changeOf, draftOf, rebased, registrationOf, type Draft } from '@/supervisor/draft'
import { checkDigit, isDay, readNumber } from '@/supervisor/identity'

import { allTexts } from './words'

const TODAY = '2026-11-22'
const number = (first17: string): string => first17 + checkDigit(first17)
const FILLED: Draft = {
  ...BLANK,
  name: ' 李桂兰 ',
  sex: 'female',
  birth_date: '1946-03-05',
  region_code: '420202001002',
  address: '沿湖路 12 号',
  ability_level: 'intact',
  living_situation: 'alone',
}
const PROFILE = {
  name: '李桂兰',
  sex: 'female',
  birth_date: '1946-03-05',
  region_code: '420202001002',
  address: '沿湖路 12 号',
  ability_level: 'intact',
  living_situation: 'alone',
  register_flags: [],
  conditions: ['高血压'],
  medicines: [],
  allergies: [],
  oxygen: false,
  notes: '',
  door_note: '',
  location: { lat: 30.2, lon: 115.04, source_datum: 'WGS-84' },
  response_plan: { steps: ['先打本人电话'] },
} as unknown as ElderProfile

describe('an identity number', () => {
  test('tells birth date and sex', () => {
    expect(readNumber(` ${number('42020219460305002')} `, TODAY)).toEqual({ birthDate: '1946-03-05', sex: 'female' })
    expect(readNumber('11010519491231002x', TODAY)).toEqual({ birthDate: '1949-12-31', sex: 'female' })
  })

  test('is refused for what is wrong with it', () => {
    const good = number('42020219460305002')
    const swapped = good.slice(0, 15) + good[16] + good[15] + good[17]
    expect([readNumber('4202', TODAY), readNumber(number('42020219460230002'), TODAY), readNumber(swapped, TODAY)]).toEqual(['form', 'birth', 'check'])
    expect(readNumber(number('42020220261123002'), TODAY)).toBe('birth')
  })

  test('has a birth date that the calendar has', () => {
    expect([isDay('2024-02-29'), isDay('2023-02-29'), isDay('2024-13-01'), isDay('')]).toEqual([true, false, false, false])
  })
})

describe('a form', () => {
  test('says of every field that is needed what is missing', () => {
    expect(Object.keys(faultsOf(BLANK, TODAY)).sort()).toEqual(
      ['ability_level', 'address', 'birth_date', 'living_situation', 'name', 'region_code', 'sex'].sort(),
    )
    expect(faultsOf(FILLED, TODAY)).toEqual({})
  })

  test('wants a village, a real place and a number that agrees', () => {
    const faults = faultsOf({ ...FILLED, region_code: '420202001', lat: '91', identity_number: number('42020219460306001'), phone: '0714' }, TODAY)
    expect(faults).toEqual({ region_code: 'region_code_needed', lat: 'lat', lon: 'lon', identity_number: 'number_disagrees' })
  })

  test('names the contact that will not do, and lets an empty row be', () => {
    const contacts = [{ ...blankContact(), name: '李明' }, blankContact(), { ...blankContact(), id: 'a', name: '王芳', relation: '女儿', masked: '139****1234' }]
    expect(contactFaults(contacts)).toEqual({ 'contacts.0.relation': 'relation_needed', 'contacts.0.phone': 'phone_needed' })
    expect(contactsToSend(contacts).map((contact) => contact.name)).toEqual(['李明', '王芳'])
  })

  test('puts what the API refuses at its field', () => {
    const invalid = { errors: [{ loc: ['body', 'contacts', 1, 'phone'], msg: '' }, { loc: ['body', 'location', 'lat'], msg: '' }, { loc: ['body', 'name'], msg: '' }] }
    expect(refusedFields(new Problem(422, 'request.invalid', '', invalid))).toEqual({ 'contacts.1.phone': 'phone', lat: 'lat', name: 'other' })
    expect(refusedFields(new Problem(409, 'elders.identity_taken', ''))).toEqual({ identity_number: 'number_taken' })
    expect(refusedFields(new Problem(503, 'unavailable', ''))).toEqual({})
  })

  test('has words for every fault it can find', () => {
    const texts = allTexts('zh-CN')
    const all = { ...faultsOf(BLANK, TODAY), ...faultsOf({ ...FILLED, birth_date: '2030-01-01', identity_number: '1', conditions: 'x'.repeat(301), phone: 'x' }, TODAY) }
    expect(Object.values(all).filter((fault) => !texts.has(`fault.${fault}`))).toEqual([])
  })

  test('sends what was filled in, trimmed, and nothing that was not', () => {
    const body = registrationOf({ ...FILLED, conditions: '高血压\n\n 糖尿病 ' }, [])
    expect(body).toMatchObject({ name: '李桂兰', conditions: ['高血压', '糖尿病'], location: null, contacts: [] })
    expect(body).not.toHaveProperty('identity_number')
    expect(body).not.toHaveProperty('phone')
  })
})

describe('a change', () => {
  const base = draftOf(PROFILE)

  test('is only what was changed', () => {
    expect(changeOf(base, { ...base })).toEqual({})
    expect(changeOf(base, { ...base, address: '沿湖路 13 号', steps: '' })).toEqual({ address: '沿湖路 13 号', response_plan: { steps: [] } })
  })

  test('keeps what somebody else changed meanwhile, and says where both wrote', () => {
    const theirs = { ...base, address: '磁湖路 1 号', notes: '耳背' }
    const { draft, contested } = rebased({ ...base, address: '沿湖路 13 号', oxygen: true }, base, theirs)
    expect(draft).toMatchObject({ address: '沿湖路 13 号', notes: '耳背', oxygen: true })
    expect(contested).toEqual(['address'])
    expect(changeOf(theirs, draft)).toEqual({ address: '沿湖路 13 号', oxygen: true })
  })

  test('of the order of contacts stops at the ends', () => {
    const [a, b] = [{ ...blankContact(), name: 'a' }, { ...blankContact(), name: 'b' }]
    expect(moved([a, b], 1, -1).map(({ name }) => name)).toEqual(['b', 'a'])
    expect(moved([a, b], 0, -1)).toEqual([a, b])
  })
})
