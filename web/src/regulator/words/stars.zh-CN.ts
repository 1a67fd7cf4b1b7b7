/** Words of the list of stars. */
export default {
  starList: {
    back: '全部服务商的星级',
    one: '{name} 的星级',
    before: '上月',
    after: '下月',
    closed: '本月已结账，星级已发布。',
    open: '本月尚未结账：以下是按现有数字的暂评，不发布，也不进名单。',
    public: '公开页面',
    none: '{month} 没有可以评的服务。',
    provider: '服务商',
    list: '名单',
    atLeast: '连续 {n} 个月发布的星级都不低于 {stars} 星。',
    atMost: '连续 {n} 个月发布的星级都不高于 {stars} 星。',
    nobody: '没有服务商符合。',
    byPeople: '名单供民政部门决定时参考：平台不自动奖励，也不自动暂停任何服务商。申诉中的月份不计入。',
    least: '至少计入',
    needed: '必评',
  },
  starLists: { incentive: '激励名单', talk: '约谈退出名单' },
}
