import en from './en'
import schemesEn from './schemes.en'
import schemesZh from './schemes.zh-CN'
import zh from './zh-CN'

export default {
  'zh-CN': { ...zh, ...schemesZh, problem: { ...zh.problem, ...schemesZh.problem } },
  en: { ...en, ...schemesEn, problem: { ...en.problem, ...schemesEn.problem } },
}
