import type zh from '../zh-CN/parts'

const parts: typeof zh = {
  product: { name: 'Yian', full: 'Yian · elderly care platform', console: 'Alarm desk', city: 'Huangshi' },
  language: { zh: '中文', en: 'English' },
  theme: { dark: 'Dark', light: 'Light', toDark: 'Switch to dark', toLight: 'Switch to light' },
  button: { signOut: 'Sign out', retry: 'Try again', cancel: 'Cancel', close: 'Close' },
  form: { needed: 'needed' },
  map: { label: 'Map of {place} in {county}' },
  data: { loading: 'Loading', unknown: 'unknown', notRecorded: 'not on record', listComma: ', ' },
}

export default parts
