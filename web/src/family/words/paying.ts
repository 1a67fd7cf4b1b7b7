import en from './paying.en'
import zh from './paying.zh-CN'

export default { 'zh-CN': zh, en }
