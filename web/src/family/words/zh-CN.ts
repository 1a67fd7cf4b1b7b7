/** Words of the family. */
export default {
  family: {
    title: '{name}的近况',
    none: '还没有与您关联的老人',
    noneNote: '请联系社区或服务中心，登记您与老人的关系。',
    alarms: '最近的告警',
    noAlarms: '最近没有告警。',
    ended: '{time}，{kind}。结果：{outcome}。',
    running: '{time}，{kind}。坐席正在处理。',
    waiting: '{time}，{kind}。正在接入坐席。',
    failed: '没有读出来，请稍后再试。',
    urgent: '情况紧急请直接拨打 120。',
  },
}
