/** Words of what a provider offers. */
export default {
  offers: {
    title: '服务与价格',
    lead: '全市在售的服务，和您自己的价格。点一项可以定价、改价或停止提供；改动自生效日起算，已下的订单不受影响。',
    suspended: '您的准入目前不在“在营”状态，家属看不到这些价格。请联系民政。',
    none: '全市目录里还没有在售的服务。',
    begins: '{day} 起 ¥{yuan}',
    ends: '{day} 起停止',
  },
  offerStanding: { offered: '在提供', none: '未提供', later: '还没开始', aboveCeiling: '高于限价，家属看不到' },
  offer: {
    lead: '价格在全市限价以内由您自己定。保存会新增一个版本，以前的版本都保留。',
    price: '价格（元/{unit}）',
    validFrom: '生效日',
    validFromHint: '今天或以后',
    regions: '在哪些区域提供',
    versions: '版本',
    version: '第 {n} 版，自 {day}',
    withdrawn: '停止提供',
    withdraw: '停止提供',
    withdrawTitle: '停止提供：{name}',
    withdrawNote: '自这一天起，家属不能再向您下单；已下的订单照旧。以后可以重新定价提供。',
    withdrawFrom: '从哪一天起',
    aboveFrom: '从 {day} 起全市限价是 ¥{yuan}，价格不能更高。请降价，或改到那天以前另行定价。',
  },
  offerFault: {
    price: '请写金额，例如 45.00',
    aboveCeiling: '高于全市限价（{most}），请降价',
    validFrom: '请选今天或以后的日子',
    notSold: '这项服务在这一天不在售，请另选日子',
    regions: '请至少选一个区域',
  },
}
