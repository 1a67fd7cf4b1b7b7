import en from './standing.en'
import zh from './standing.zh-CN'

export default { 'zh-CN': zh, en }
