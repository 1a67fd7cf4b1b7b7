/** Words of services and regions, on the desks where they are shown and chosen. Phones do not carry them. */
export default {
  serviceUnit: { visit: 'visit', hour: 'hour', portion: 'portion', day: 'day', month: 'month' },
  price: { most: 'at most ¥{yuan} / {unit}', is: '¥{yuan} / {unit}' },
  preview: {
    title: 'What families will see',
    notSold: 'not sold',
    everyDay: 'Every day',
    duration: 'About {n} minutes',
    two: ', two workers',
    forWhom: 'For elders who are: {whom}',
    notice: 'Book at least {hours} hours ahead.',
    noNotice: 'Book at any time.',
    cutSameDay: 'Order before {at} the same day.',
    cutBefore: 'Order {days} days ahead, before {at}.',
    noHours: 'There are no bookable hours at present.',
    fee: 'Cancelled less than {hours} hours before: {percent}% is charged.',
  },
  region: { city: 'City', county: 'County', street: 'Street or town', village: 'Community or village', failed: 'The regions could not be read.' },
  regionSet: { add: 'Add', drop: 'Remove {name}', none: 'No region yet', outside: 'It is outside what can be chosen' },
}
