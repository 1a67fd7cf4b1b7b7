import awardsEn from './awards.en'
import awardsZh from './awards.zh-CN'
import en from './en'
import zh from './zh-CN'

export default {
  'zh-CN': { ...zh, ...awardsZh, problem: { ...zh.problem, ...awardsZh.problem } },
  en: { ...en, ...awardsEn, problem: { ...en.problem, ...awardsEn.problem } },
}
