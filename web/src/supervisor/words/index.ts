import dutyEn from './duty.en'
import dutyZh from './duty.zh-CN'
import en from './en'
import zh from './zh-CN'

export default { 'zh-CN': { ...zh, ...dutyZh }, en: { ...en, ...dutyEn } }
