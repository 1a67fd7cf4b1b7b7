import { describe, expect, test } from 'vitest'

import { ageWords, clockOf, durationWords, exactTime, runningClock, timeWords } from '@/i18n/time'

import { words } from './words'

const zh = words('zh-CN')
const en = words('en')
const now = new Date('2026-11-22T00:30:00Z')

describe('times are those of Shanghai', () => {
  test('whatever the machine is set to', () => {
    expect(clockOf(new Date('2026-11-21T16:05:09Z'))).toBe('00:05:09')
    expect(exactTime('2026-11-21T16:05:09Z')).toBe('2026-11-22 00:05:09')
    expect(exactTime(null)).toBe('')
  })

  test('today, yesterday, a day, a day of another year', () => {
    expect(timeWords('2026-11-21T16:00:00Z', now, zh)).toBe('今天 00:00')
    expect(timeWords('2026-11-21T15:59:59Z', now, zh)).toBe('昨天 23:59')
    expect(timeWords('2026-11-20T00:00:00Z', now, zh)).toBe('11月20日 08:00')
    expect(timeWords('2025-12-31T16:00:00Z', now, zh)).toBe('1月1日 00:00')
    expect(timeWords('2025-12-31T15:00:00Z', now, zh)).toBe('2025年12月31日 23:00')
    expect(timeWords('2026-11-20T00:00:00Z', now, en)).toBe('20 Nov 08:00')
  })
})

describe('ages and clocks', () => {
  test('an age is as exact as it is useful', () => {
    expect([-3, 0, 40, 60, 3599, 3600, 86_400 * 3].map((age) => ageWords(age, zh))).toEqual([
      '刚刚',
      '刚刚',
      '40 秒前',
      '1 分钟前',
      '59 分钟前',
      '1 小时前',
      '3 天前',
    ])
  })

  test('a running clock counts up and never goes below nothing', () => {
    expect(runningClock(-2, zh)).toBe('0:00')
    expect(runningClock(42.9, zh)).toBe('0:42')
    expect(runningClock(725, zh)).toBe('12:05')
    expect(runningClock(3725, zh)).toBe('1:02:05')
    expect(runningClock(86_400 * 3 + 4 * 3600, en)).toBe('3 d 4 h')
  })

  test('a duration in words', () => {
    expect(durationWords(8 * 60 + 59, zh)).toBe('8 分钟')
    expect(durationWords(2 * 3600 + 5 * 60, zh)).toBe('2 小时 5 分')
  })
})
