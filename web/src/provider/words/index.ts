import en from './en'
import kitchensEn from './kitchens.en'
import kitchensZh from './kitchens.zh-CN'
import offersEn from './offers.en'
import offersZh from './offers.zh-CN'
import shiftsEn from './shifts.en'
import shiftsZh from './shifts.zh-CN'
import staffingEn from './staffing.en'
import staffingZh from './staffing.zh-CN'
import zh from './zh-CN'

export default {
  'zh-CN': { ...zh, ...offersZh, ...staffingZh, ...shiftsZh, ...kitchensZh, problem: { ...kitchensZh.problem, ...staffingZh.problem, ...shiftsZh.problem } },
  en: { ...en, ...offersEn, ...staffingEn, ...shiftsEn, ...kitchensEn, problem: { ...kitchensEn.problem, ...staffingEn.problem, ...shiftsEn.problem } },
}
