import type zh from './zh-CN'

const words: typeof zh = {
  publicStars: {
    title: 'Stars of home-care providers',
    month: 'Published for {month}',
    lead: 'Stars are worked out once a month from real visits, in a way that is published. Many stars mean that people come in time and do what was ordered. Where there were few visits there are no stars.',
    none: 'No stars have been published yet. They appear here when a month is closed.',
    all: 'All counties',
    county: 'County',
    stars: '{n} of 5 stars',
    noStars: 'no stars this month',
    few: 'too few visits, or taken back after an appeal',
    visits: 'from {n} visit | from {n} visits',
    appeal: 'The provider has appealed; civil affairs is looking into it',
    nobody: 'No provider with stars serves this county.',
    how: 'How stars come about',
    howLead: 'These figures of the month count, 100 points in all; each full 10 points are half a star:',
    termMore: '{name}: {weight} points. All of them from {best} on, none at {worst} or less.',
    termLess: '{name}: {weight} points. All of them at {best} or less, none from {worst} on.',
    careful: 'So that a handful of visits is not enough, a cautious estimate counts: the fewer the visits, the more is taken off. Nothing else adds or takes points, and nobody can change stars by hand. A provider may appeal within {days} days.',
    failed: 'The stars could not be read.',
    again: 'Try again',
    reading: 'Reading',
  },
}

export default words
