import { describe, expect, test } from 'vitest'

import { csrfToken, Problem } from '@/api/client'
import { moveErrorOf } from '@/console/moves'
import { codeWords } from '@/i18n/problems'

import { allTexts, words } from './words'

const t = words('en')
const te = (key: string): boolean => allTexts('en').has(key)

describe('what is refused is said in the words of the page', () => {
  test('by its code, and plainly where the code is new', () => {
    expect(codeWords('alarms.not_claimed', t, te)).toBe('Claim the case first')
    expect(codeWords('alarms.from_tomorrow', t, te)).toBe('It did not succeed (alarms.from_tomorrow)')
  })

  test('a lost race names who has the case', () => {
    const lost = new Problem(409, 'alarms.claimed_by_other', '', { claimed_by: { id: '1', name: 'Wang' } })
    expect(moveErrorOf(lost)).toEqual({ is: 'claimedByOther', name: 'Wang' })
  })

  test('no network, an ended session, a stale version and a foreign case are told apart', () => {
    const is = (status: number, code = 'x'): string => moveErrorOf(new Problem(status, code, '')).is
    expect([is(0), is(401), is(412), is(404), is(500)]).toEqual(['offline', 'signedOut', 'stale', 'notFound', 'other'])
    const illegal = new Problem(409, 'alarms.illegal_move', '', { state: 'closed', move: 'call' })
    expect(moveErrorOf(illegal)).toEqual({ is: 'illegal', state: 'closed' })
  })
})

test('the CSRF cookie is found among others', () => {
  expect(csrfToken('a=1; yian_csrf=x%2By; b=2')).toBe('x+y')
  expect(csrfToken('not_yian_csrf=1')).toBeNull()
})
