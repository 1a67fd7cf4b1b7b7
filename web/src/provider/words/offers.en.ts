/** Words of what a provider offers. */
export default {
  offers: {
    title: 'Prices',
    lead: 'What the city sells, and what you ask for it. Open a service to price it, change it or stop offering it; a change holds from its day on and touches no order made before.',
    suspended: 'Your admission is not active, so families do not see these prices. Ask civil affairs.',
    none: 'The city sells no services yet.',
    begins: '¥{yuan} from {day}',
    ends: 'ends on {day}',
  },
  offerStanding: { offered: 'offered', none: 'not offered', later: 'not begun yet', aboveCeiling: 'above the ceiling, hidden from families' },
  offer: {
    lead: 'You set the price under the ceiling of the city. Saving adds a version; those before it stay.',
    price: 'Price (yuan / {unit})',
    validFrom: 'Holds from',
    validFromHint: 'today or later',
    regions: 'Where it is offered',
    versions: 'Versions',
    version: 'Version {n}, from {day}',
    withdrawn: 'no longer offered',
    withdraw: 'Stop offering',
    withdrawTitle: 'Stop offering {name}',
    withdrawNote: 'From this day on families cannot order it from you; orders made before stay as they are. You can price it again later.',
    withdrawFrom: 'From which day',
    aboveFrom: 'From {day} on the ceiling is ¥{yuan}. Ask less, or set a price that ends before that day.',
  },
  offerFault: {
    price: 'Write an amount, for example 45.00',
    aboveCeiling: 'Above the ceiling of the city ({most}); ask less',
    validFrom: 'Choose today or a later day',
    notSold: 'It is not sold on that day; choose another one',
    regions: 'Choose at least one region',
  },
}
