/** What was refused, by the code of the API; areas add the codes that only they meet. */
export default {
  problem: {
    unavailable: '平台有一部分没有应答，请再试',
    db_unavailable: '平台连不上数据库，请再试',
    network_unreachable: '连不上平台，请检查网络',
    internal: '平台出了故障，已记录',
    not_found: '没有这一项，或不在您的权限内',
    accounts_forbidden: '您的角色不能做这一步',
    accounts_csrf: '登录凭据已变，请刷新页面',
    request_invalid: '内容不合要求，请改后再试',
    request_key_reused: '同一次操作内容变了，请再按一次',
    other: '没有成功（{code}）',
  },
}
