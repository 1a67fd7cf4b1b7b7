import en from './en'
import figuresEn from './figures.en'
import figuresZh from './figures.zh-CN'
import reachEn from './reach.en'
import reachZh from './reach.zh-CN'
import schemesEn from './schemes.en'
import schemesZh from './schemes.zh-CN'
import zh from './zh-CN'

export default {
  'zh-CN': { ...zh, ...figuresZh, ...reachZh, ...schemesZh, problem: { ...zh.problem, ...schemesZh.problem } },
  en: { ...en, ...figuresEn, ...reachEn, ...schemesEn, problem: { ...en.problem, ...schemesEn.problem } },
}
