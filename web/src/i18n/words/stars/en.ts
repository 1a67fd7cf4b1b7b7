/** Words of stars, for civil affairs and for the provider itself. */
import type zh from './zh-CN'

const stars: typeof zh = {
  stars: {
    title: 'Stars',
    none: 'no stars',
    of: '{n} of 5 stars',
    provisional: 'provisional',
    score: 'Score',
    month: 'Month',
    appeal: 'Appeal',
    term: 'Figure',
    judged: 'Counted',
    hits: 'Of these',
    share: 'Share',
    bound: 'Cautious',
    range: '0 → 100 points',
    points: 'Points',
    weight: 'Weight',
    part: 'Adds',
    tooFew: 'fewer than {n}: not judged, its weight goes to the others',
    tooFewNeeded: 'fewer than {n}: no stars this month',
    sum: 'Score = Σ (points × weight) ÷ Σ weights = {sum} ÷ {weights} = {score}; each full 10 points are half a star: {stars} stars.',
    noSum: 'Of a figure that is needed there were too few: no stars this month.',
    takenBack: 'An appeal was upheld: the stars of this month were taken back.',
    how: 'How stars are given',
    howLead: 'Of each figure of the month not the share itself counts but the end of its 95 % interval that is worse for the provider: so few visits never make five stars. Between “0” and “100” the points follow that end in proportion; then the weights add them up. There is no other term, and nothing is added by hand.',
    history: 'Stars by month',
    historyNone: 'No stars have been published yet. They are when a month is closed.',
    running: 'This month so far ({month})',
    runningNote: 'The month is not over: this is provisional and not published.',
    runningNone: 'Nothing to judge has happened this month yet.',
    publishedAt: 'published {time}',
    formula: 'formula, version {n}',
    appealUntil: 'appeal until {time}',
  },
  starAppeal: {
    open: 'under appeal',
    upheld: 'appeal upheld',
    rejected: 'appeal rejected',
    withdrawn: 'appeal withdrawn',
  },
  starMove: { file: 'File an appeal', uphold: 'Uphold', reject: 'Reject', withdraw: 'Withdraw the appeal' },
  starMoveNote: {
    file: 'Say which numbers are wrong, and why. Until it is decided the public page says “under appeal”. There is one appeal for each month.',
    uphold: 'The stars of this month are taken back; the public page says “no stars”. Nobody can set others by hand.',
    reject: 'The stars of this month stay.',
    withdraw: 'The stars of this month stay, and no other appeal can follow.',
  },
  starReason: { label: 'Reason', short: 'Give the reason in at least 4 characters; the other side reads it.' },
  problem: {
    stars_too_late_to_appeal: 'the time for an appeal is over',
    stars_nothing_to_appeal: 'no stars were published for this month',
    stars_illegal_appeal_move: 'this appeal has just changed; reload the page and look again',
  },
}

export default stars
