import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { CALL_RESULTS, OUTCOMES } from '@/api/types'
import en from '@/i18n/en'
import zh from '@/i18n/zh-CN'
import desk from '@/i18n/zh-CN/console'
import domain from '@/i18n/zh-CN/domain'
import pages from '@/i18n/zh-CN/pages'
import parts from '@/i18n/zh-CN/parts'
import time from '@/i18n/zh-CN/time'

import { texts } from './words'

const zhTexts = texts(zh)
const enTexts = texts(en)
const CHINESE = /[\u4e00-\u9fff]/

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(vue|ts)$/.test(name) && !name.startsWith('i18n'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
}

describe('both languages', () => {
  test('have the same texts', () => {
    expect([...enTexts.keys()].sort()).toEqual([...zhTexts.keys()].sort())
  })

  test('have each room in one file', () => {
    const rooms = [parts, time, domain, pages, desk].flatMap((file) => Object.keys(file))
    expect(rooms.sort()).toEqual([...new Set(rooms)])
  })

  test('fill the same blanks', () => {
    const blanks = (text: string | undefined): string[] => [...(text ?? '').matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort()
    for (const [path, text] of zhTexts) {
      if (path.startsWith('time.')) continue
      expect([path, blanks(enTexts.get(path))]).toEqual([path, blanks(text)])
    }
  })

  test('are languages of their own', () => {
    const leaked = [...enTexts].filter(([path, text]) => CHINESE.test(text) && path !== 'language.zh')
    expect(leaked).toEqual([])
  })

  test('do not shout', () => {
    expect([...zhTexts, ...enTexts].filter(([, text]) => /[!！]/.test(text))).toEqual([])
  })

  test('have every text that a page asks for by name', () => {
    const rooms = [...zhTexts.keys()]
    const missing: string[] = []
    for (const source of sources(join(import.meta.dirname, '../src'))) {
      for (const [, path, open] of source.matchAll(/\bt\(\s*['"`]([\w.]+)(\$\{)?/g)) {
        if (!path) continue
        const known = open ? rooms.some((room) => room.startsWith(path)) : zhTexts.has(path)
        if (!known) missing.push(path)
      }
    }
    expect(missing).toEqual([])
  })

  test('have no text that no page asks for', () => {
    const all = sources(join(import.meta.dirname, '../src')).join('\n')
    const asked = (path: string): boolean => all.includes(`'${path}'`)
    const begun = (path: string): boolean => all.includes(`\`${path}.\${`)
    const byCode = (room: string): boolean => new RegExp(`\\b(known|tm)\\('${room}'`).test(all)
    const idle = [...zhTexts.keys()].filter((path) => {
      const rooms = path.split('.').map((_, at, names) => names.slice(0, at).join('.')).slice(1)
      return !asked(path) && !rooms.some((room) => begun(room) || byCode(room))
    })
    expect(idle).toEqual([])
  })

  test('name every outcome and call result', () => {
    for (const code of OUTCOMES) expect(zhTexts.has(`outcome.${code}`)).toBe(true)
    for (const code of CALL_RESULTS) expect(zhTexts.has(`callResult.${code}`)).toBe(true)
  })
})
