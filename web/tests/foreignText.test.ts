import { expect, test } from 'vitest'

import { foreignText } from '@/ui/foreignText'

const inside = (text: string): string => foreignText(text).slice(1, -1)

test('marks that would turn the line around are gone, and what is left stands for itself', () => {
  expect(inside('a\u202egnp.exe\u2066b\u200f')).toBe('a gnp.exe b')
  expect(foreignText('שלום')).toBe('\u2068שלום\u2069')
})

test('it is one line, without control characters', () => {
  expect(inside('one\r\n\ttwo\u0000\u001b[31m')).toBe('one two [31m')
})

test('64 KiB without a blank are cut, between characters and not within one', () => {
  expect(inside('x'.repeat(65_536))).toBe(`${'x'.repeat(120)}…`)
  expect(Array.from(inside('😀'.repeat(500)))).toHaveLength(121)
})

test('HTML stays text', () => {
  expect(inside('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>')
})
