import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { CALL_RESULTS, OUTCOMES } from '@/api/types'
import type { Locale } from '@/i18n'

import { allTexts, areas, shared, texts, words } from './words'

const SOURCES = join(import.meta.dirname, '../src')
const CHINESE = /[\u4e00-\u9fff]/
/** Many of something, in words. “{n} times” is said only of what happened more than once. */
const COUNTED = /\{n\} (?!times)(?:(?:more|fewer|new|good|earlier) )?[a-z]{3,}s\b|\{n\} (?:\w+ ){0,3}are\b/

/** What is written below a folder, without the words themselves. */
function codeOf(folder: string): string {
  return readdirSync(join(SOURCES, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(vue|ts)$/.test(name) && !/(^|\/)words\//.test(name))
    .map((name) => readFileSync(join(SOURCES, folder, name), 'utf8'))
    .join('\n')
}

/** Paths named whole, and the beginnings of those put together from a code. */
function askedFor(code: string): { path: string; begun: boolean }[] {
  return [...code.matchAll(/\bt\(\s*['"`]([\w.]+)(\$\{)?/g)].map(([, path, open]) => ({ path: path ?? '', begun: open !== undefined }))
}

function isAsked(path: string, code: string): boolean {
  const rooms = path.split('.').map((_, at, names) => names.slice(0, at).join('.')).slice(1)
  const byCode = (room: string): boolean => code.includes(`\`${room}.\${`) || new RegExp(`\\b(known|tm)\\('${room}'`).test(code)
  return code.includes(`'${path}'`) || rooms.some(byCode)
}

describe.each<[string, Record<Locale, unknown>]>([['everybody', shared], ...areas])('the words of %s', (_, own) => {
  const zh = texts(own['zh-CN'])
  const en = texts(own.en)

  test('are the same in both languages', () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort())
  })

  test('fill the same blanks', () => {
    const blanks = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort()
    for (const [path, text] of zh) {
      if (path.startsWith('time.')) continue
      for (const form of (en.get(path) ?? '').split(' | ')) expect([path, blanks(form)]).toEqual([path, blanks(text)])
    }
  })

  test('count one thing as one, where English tells it from many', () => {
    const many = [...en].filter(([, text]) => COUNTED.test(text.split(' | ')[0] ?? ''))
    expect(many).toEqual([])
    expect([...zh].filter(([, text]) => text.includes('|'))).toEqual([])
  })

  test('are languages of their own', () => {
    expect([...en].filter(([path, text]) => CHINESE.test(text) && path !== 'language.zh')).toEqual([])
  })

  test('do not shout', () => {
    expect([...zh, ...en].filter(([, text]) => /[!！]/.test(text))).toEqual([])
  })
})

describe.each([...areas])('the pages of %s', (area, own) => {
  const mine = texts(own['zh-CN'])
  const code = codeOf(area)

  test('ask for their own words and shared ones, never for those of another area', () => {
    const known = [...mine.keys(), ...texts(shared['zh-CN']).keys()]
    const missing = askedFor(code).filter(({ path, begun }) => !(begun ? known.some((at) => at.startsWith(path)) : known.includes(path)))
    expect(missing).toEqual([])
  })

  test('ask for each of their words', () => {
    expect([...mine.keys()].filter((path) => !isAsked(path, codeOf('i18n') + code))).toEqual([])
  })
})

test('one of a thing and many are told apart by the number alone', () => {
  const en = words('en')
  expect([en('queue.waiting', { n: 1 }), en('queue.waiting', { n: 2 })]).toEqual(['1 new alarm', '2 new alarms'])
  expect([en('preview.notice', { n: 1 }), en('preview.notice', { n: 1.5 })]).toEqual(['Book at least 1 hour ahead.', 'Book at least 1.5 hours ahead.'])
  expect(words('zh-CN')('queue.waiting', { n: 1 })).toBe('1 条新告警')
})

test('a text is written once', () => {
  const paths = [shared, ...areas.values()].flatMap((own) => [...texts(own['zh-CN']).keys()])
  expect(paths.filter((path, at) => paths.indexOf(path) !== at)).toEqual([])
})

test('shared parts ask for shared words only, and no shared word is idle', () => {
  const known = [...texts(shared['zh-CN']).keys()]
  const missing = askedFor(codeOf('ui') + codeOf('i18n')).filter(({ path, begun }) => !(begun ? known.some((at) => at.startsWith(path)) : known.includes(path)))
  expect(missing).toEqual([])
  const all = codeOf('.')
  expect(known.filter((path) => !isAsked(path, all))).toEqual([])
})

test('every outcome and call result has a name', () => {
  const named = allTexts('zh-CN')
  for (const code of OUTCOMES) expect(named.has(`outcome.${code}`)).toBe(true)
  for (const code of CALL_RESULTS) expect(named.has(`callResult.${code}`)).toBe(true)
})

test('every remark of the gateway has words', () => {
  const listed = readFileSync(join(SOURCES, '../../contracts/remarks.py'), 'utf8')
  const codes = [...listed.matchAll(/^ {0,4}[A-Z_]+ = "([a-z_]+\.[a-z_]+)"/gm)].map(([, code]) => code)
  const named = allTexts('zh-CN')
  expect(codes.length).toBeGreaterThan(20)
  expect(codes.filter((code) => !named.has(`remark.${code}`))).toEqual([])
})
