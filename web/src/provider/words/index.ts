import en from './en'
import offersEn from './offers.en'
import offersZh from './offers.zh-CN'
import zh from './zh-CN'

export default { 'zh-CN': { ...zh, ...offersZh }, en: { ...en, ...offersEn } }
