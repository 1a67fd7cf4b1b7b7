import en from './en'
import orderingEn from './ordering.en'
import orderingZh from './ordering.zh-CN'
import zh from './zh-CN'

export default { 'zh-CN': { ...zh, ...orderingZh }, en: { ...en, ...orderingEn } }
