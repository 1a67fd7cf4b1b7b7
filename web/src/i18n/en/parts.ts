import type zh from '../zh-CN/parts'

const parts: typeof zh = {
  product: { name: 'Yian', full: 'Yian · elderly care platform', console: 'Alarm desk', city: 'Huangshi' },
  language: { zh: '中文', en: 'English' },
  theme: { dark: 'Dark', light: 'Light', toDark: 'Switch to dark', toLight: 'Switch to light' },
  button: { retry: 'Try again', cancel: 'Cancel', close: 'Close' },
  data: { loading: 'Loading', unknown: 'unknown', notRecorded: 'not on record', listComma: ', ' },
}

export default parts
