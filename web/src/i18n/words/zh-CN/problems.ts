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
    grants_illegal_move: '这份授权已经处理过了，请刷新后再看',
    grants_too_many_asked: '申请得太多了，请过一天再试',
    grants_nobody_fits: '档案里没有与所填相符的老人，只能不予确认',
    grants_own: '自己申请的，要由别人确认',
    grants_lacking: '您没有这一项授权，可以提出申请',
    catalogue_before_today: '生效日不能早于今天',
    request_stale_version: '别人刚改过，请刷新后再改',
    providers_illegal_move: '状态刚变过，请刷新后再看',
    photos_bad: '这张照片用不了：请选一张完好的 JPEG、PNG 或 WebP 照片',
    other: '没有成功（{code}）',
  },
}
