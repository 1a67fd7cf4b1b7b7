/** Words of services and regions, on the desks where they are shown and chosen. Phones do not carry them. */
export default {
  serviceUnit: { visit: '次', hour: '小时', portion: '份', day: '天', month: '月' },
  price: { most: '最高 ¥{yuan}/{unit}', is: '¥{yuan}/{unit}' },
  preview: {
    title: '家属将看到',
    notSold: '停售',
    everyDay: '每天',
    duration: '约 {n} 分钟',
    two: '，两名服务人员',
    forWhom: '面向{whom}的老人',
    notice: '至少提前 {hours} 小时预约。',
    noNotice: '随时可以预约。',
    cutSameDay: '当天 {at} 前下单。',
    cutBefore: '提前 {days} 天，{at} 前下单。',
    noHours: '目前没有可预约的时间。',
    fee: '开始前不到 {hours} 小时取消，收 {percent}%。',
  },
  region: { city: '市', county: '县（市、区）', street: '街道（镇）', village: '社区（村）', failed: '区划没有读出来。' },
  regionSet: { add: '加上', drop: '去掉{name}', none: '还没有选区域', outside: '不在可选的范围里' },
}
