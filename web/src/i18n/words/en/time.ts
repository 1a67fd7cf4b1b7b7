import type zh from '../zh-CN/time'

const time: typeof zh = {
  time: {
    today: 'today {time}',
    yesterday: 'yesterday {time}',
    day: '{day} {monthName} {time}',
    dayOfYear: '{day} {monthName} {year} {time}',
    dayAlone: '{day} {monthName}',
    dayAloneOfYear: '{day} {monthName} {year}',
    months: {
      1: 'Jan',
      2: 'Feb',
      3: 'Mar',
      4: 'Apr',
      5: 'May',
      6: 'Jun',
      7: 'Jul',
      8: 'Aug',
      9: 'Sep',
      10: 'Oct',
      11: 'Nov',
      12: 'Dec',
    },
  },
  weekday: { 1: 'Mon', 2: 'Tue', 3: 'Wed', 4: 'Thu', 5: 'Fri', 6: 'Sat', 7: 'Sun' },
  age: {
    now: 'just now',
    seconds: '{n} s ago',
    minutes: '{n} min ago',
    hours: '{n} h ago',
    days: '{n} d ago',
    daysHours: '{d} d {h} h',
  },
  duration: { minutes: '{n} min', hours: '{h} h {m} min' },
}

export default time
