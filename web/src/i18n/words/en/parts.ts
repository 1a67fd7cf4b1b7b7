import type zh from '../zh-CN/parts'

const parts: typeof zh = {
  product: { name: 'Yian', full: 'Yian · elderly care platform', console: 'Alarm desk', city: 'Huangshi' },
  language: { zh: '中文', en: 'English' },
  theme: { dark: 'Dark', light: 'Light', toDark: 'Switch to dark', toLight: 'Switch to light' },
  button: { signOut: 'Sign out', retry: 'Try again', cancel: 'Cancel', close: 'Close' },
  unreached: {
    title: 'The platform cannot be reached',
    again: 'It is tried again every 3 seconds. Your page opens once there is an answer.',
    why: 'Reason: {why}.',
    emergency: 'Operators: follow the contingency plan, with telephone and paper. Families: if it is urgent, telephone the elder, or call 120.',
  },
  form: { needed: 'needed' },
  map: { label: 'Map of {place} in {county}' },
  data: { loading: 'Loading', unknown: 'unknown', notRecorded: 'not on record', listComma: ', ' },
}

export default parts
