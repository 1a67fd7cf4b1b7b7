import en from './en'
import figuresEn from './figures.en'
import figuresZh from './figures.zh-CN'
import reachEn from './reach.en'
import reachZh from './reach.zh-CN'
import schemesEn from './schemes.en'
import schemesZh from './schemes.zh-CN'
import starsEn from './stars.en'
import starsZh from './stars.zh-CN'
import zh from './zh-CN'

export default {
  'zh-CN': { ...zh, ...figuresZh, ...reachZh, ...starsZh, ...schemesZh, problem: { ...zh.problem, ...schemesZh.problem } },
  en: { ...en, ...figuresEn, ...reachEn, ...starsEn, ...schemesEn, problem: { ...en.problem, ...schemesEn.problem } },
}
