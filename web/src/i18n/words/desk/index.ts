import awardsEn from './awards.en'
import awardsZh from './awards.zh-CN'
import en from './en'
import zh from './zh-CN'

export default { 'zh-CN': { ...zh, ...awardsZh }, en: { ...en, ...awardsEn } }
