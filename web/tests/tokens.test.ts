import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

const css = readFileSync(join(import.meta.dirname, '../src/ui/tokens.css'), 'utf8')

function tokensOf(theme: string): Map<string, string> {
  const start = css.indexOf(`[data-theme='${theme}']`)
  const block = css.slice(start, css.indexOf('}', start))
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\b(?![0-9a-f])/g)].map(([, name, hex]) => [name ?? '', hex ?? '']))
}

/** WCAG 2.2 relative luminance. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

const GROUNDS = ['ground', 'panel', 'raised', 'hover', 'selected']
const TEXTS = ['text', 'text-soft', 'text-faint', 'accent-text', 'danger', 'warn', 'p1-text', 'p2-text', 'p3-text', 'p4-text', 'p5-text']
const ON: [string, string][] = [
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-alert', 'alert'],
  ['danger', 'alert-soft'],
  ['on-warn-soft', 'warn-soft'],
  ['on-p1', 'p1'],
  ['on-p2', 'p2'],
  ['on-p3', 'p3'],
  ['map-name', 'map-land'],
  ['map-name', 'map-ground'],
]
const MARKS: [string, string][] = ['p1', 'p2', 'p3', 'p4', 'p5', 'good', 'chart'].flatMap((mark): [string, string][] => [[mark, 'panel'], [mark, 'ground']])

describe.each(['dark', 'light'])('the %s theme', (theme) => {
  const tokens = tokensOf(theme)
  const ratio = (front: string, back: string): number => contrast(tokens.get(front) ?? '', tokens.get(back) ?? '')

  test('has readable text on every ground', () => {
    const poor = TEXTS.flatMap((text) => GROUNDS.filter((ground) => !(ratio(text, ground) >= 4.5)).map((ground) => `${text} on ${ground}: ${ratio(text, ground).toFixed(2)}`))
    expect(poor).toEqual([])
  })

  test('has readable text on its own colours', () => {
    expect(ON.filter(([front, back]) => !(ratio(front, back) >= 4.5)).map(([f, b]) => `${f} on ${b}: ${ratio(f, b).toFixed(2)}`)).toEqual([])
  })

  test('has marks that stand out', () => {
    expect(MARKS.filter(([mark, ground]) => !(ratio(mark, ground) >= 3)).map(([f, b]) => `${f} on ${b}: ${ratio(f, b).toFixed(2)}`)).toEqual([])
  })
})

test('both themes define the same tokens', () => {
  const names = (theme: string): string[] => {
    const start = css.indexOf(`[data-theme='${theme}']`)
    return [...css.slice(start, css.indexOf('}', start)).matchAll(/--([\w-]+):/g)].map(([, name]) => name ?? '').sort()
  }
  expect(names('light')).toEqual(names('dark'))
})
