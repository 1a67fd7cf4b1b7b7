/** Words of moments and spans; time.ts puts them together. */
export default {
  time: {
    today: '今天 {time}',
    yesterday: '昨天 {time}',
    day: '{monthName}{day}日 {time}',
    dayOfYear: '{year}年{monthName}{day}日 {time}',
    months: {
      1: '1月',
      2: '2月',
      3: '3月',
      4: '4月',
      5: '5月',
      6: '6月',
      7: '7月',
      8: '8月',
      9: '9月',
      10: '10月',
      11: '11月',
      12: '12月',
    },
  },
  weekday: { 1: '周一', 2: '周二', 3: '周三', 4: '周四', 5: '周五', 6: '周六', 7: '周日' },
  age: {
    now: '刚刚',
    seconds: '{n} 秒前',
    minutes: '{n} 分钟前',
    hours: '{n} 小时前',
    days: '{n} 天前',
    daysHours: '{d} 天 {h} 时',
  },
  duration: { minutes: '{n} 分钟', hours: '{h} 小时 {m} 分' },
}
