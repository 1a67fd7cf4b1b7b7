import en from './en'
import figuresEn from './figures.en'
import figuresZh from './figures.zh-CN'
import schemesEn from './schemes.en'
import schemesZh from './schemes.zh-CN'
import zh from './zh-CN'

export default {
  'zh-CN': { ...zh, ...figuresZh, ...schemesZh, problem: { ...zh.problem, ...schemesZh.problem } },
  en: { ...en, ...figuresEn, ...schemesEn, problem: { ...en.problem, ...schemesEn.problem } },
}
