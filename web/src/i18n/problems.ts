type Translate = (key: string, named?: Record<string, unknown>) => string
type Known = (key: string) => boolean

/** Keys of texts cannot hold dots: `alarms.not_claimed` is `alarms_not_claimed` there. */
export function codeWords(code: string, t: Translate, te: Known): string {
  const key = `problem.${code.replaceAll('.', '_')}`
  return te(key) ? t(key) : t('problem.other', { code })
}
