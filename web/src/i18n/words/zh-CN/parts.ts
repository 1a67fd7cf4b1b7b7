/** Words that every page is made of: the product's name, its switches, its buttons, and what stands where a value does not. */
export default {
  product: { name: '颐安', full: '颐安 · 智慧养老平台', console: '接警台', city: '黄石市' },
  language: { zh: '中文', en: 'English' },
  theme: { dark: '深色', light: '浅色', toDark: '换成深色', toLight: '换成浅色' },
  button: { signOut: '退出登录', retry: '重试', cancel: '取消', close: '关闭' },
  unreached: {
    title: '连不上平台',
    again: '每 3 秒自动重试一次，连上后会打开您要的页面。',
    why: '原因：{why}。',
    emergency: '坐席请按应急预案，改用电话和纸面登记。家属有急事，请直接给老人打电话，或拨打 120。',
  },
  form: {
    needed: '必填',
    save: '保存',
    saving: '正在保存',
    faulty: '有 {n} 处要改，已标出。',
    offline: '没有发出去：连不上平台。您写的都还在，网络恢复后请再按一次。',
    signedOut: '登录已过期。您写的还在这一页：请在另一个窗口登录，再回来按一次。',
    refused: '没有做成：{detail}。',
    unread: '没有读出来：{detail}。',
    leaveTitle: '还没有保存',
    leaveNote: '离开这一页，刚才写的就没有了。',
    leave: '不保存，离开',
  },
  list: { more: '再显示一些', moreFailed: '后面的没有读出来，请再点一次。' },
  map: { label: '{place}在{county}的位置图' },
  data: { loading: '正在读取', unknown: '未知', notRecorded: '未登记', listComma: '、' },
}
