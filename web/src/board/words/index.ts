import en from './en'
import mealsEn from './meals.en'
import mealsZh from './meals.zh-CN'
import zh from './zh-CN'

export default { 'zh-CN': { ...zh, ...mealsZh }, en: { ...en, ...mealsEn } }
