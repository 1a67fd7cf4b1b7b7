import type zh from './zh-CN'

const family: typeof zh = {
  family: {
    title: 'How {name} is',
    none: 'No elder is linked to you yet',
    noneNote: 'Ask the community or the service centre to record your relation.',
    alarms: 'Recent alarms',
    noAlarms: 'No alarms lately.',
    ended: '{time}: {kind}. It ended with: {outcome}.',
    running: '{time}: {kind}. An operator is on it.',
    waiting: '{time}: {kind}. Being put through to an operator.',
    failed: 'It could not be read. Please try again later.',
    urgent: 'In an emergency call 120 directly.',
  },
}

export default family
