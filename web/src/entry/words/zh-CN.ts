/** Words of signing in, of a role whose pages are not there yet, and of the page that is not there. */
export default {
  login: {
    title: '登录',
    lead: '一按就应，件件有回音。',
    leadMore: '从老人按下按钮，到坐席接警、家人知情、有人上门。',
    username: '账号',
    password: '密码',
    show: '显示',
    hide: '隐藏',
    submit: '登录',
    submitting: '正在登录',
    badCredentials: '账号或密码不对。请核对后再试，忘记密码请找值班长重置。',
    throttled: '试得太多了，账号暂时锁住。请在 {n} 秒后再试。',
    offline: '连不上平台，没有登录成功。请检查网络后再试。',
    failed: '登录没有成功（{code}）。请再试一次；仍不行，请告诉值班长。',
    needBoth: '请填写账号和密码。',
    signedOut: '已退出登录。',
    ended: '登录已过期，请重新登录。',
    emergency: '平台打不开时，按应急预案改用电话和纸面登记。',
    stars: '服务商星级',
  },
  welcome: {
    title: '您的角色（{role}）的页面还没有开放',
    note: '账号有效。开放之前，请联系值班长。',
  },
  notFound: { title: '没有这个页面', note: '地址可能写错了，或您没有权限看它。', home: '回到首页' },
}
