import en from './en'
import zh from './zh-CN'

export default { 'zh-CN': zh, en }
