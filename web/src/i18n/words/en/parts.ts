import type zh from '../zh-CN/parts'

const parts: typeof zh = {
  product: { name: 'Yian', full: 'Yian · elderly care platform', console: 'Alarm desk', city: 'Huangshi' },
  language: { zh: '中文', en: 'English' },
  theme: { dark: 'Dark', light: 'Light', toDark: 'Switch to dark', toLight: 'Switch to light' },
  button: { signOut: 'Sign out', retry: 'Try again', cancel: 'Cancel', close: 'Close' },
  unreached: {
    noNetwork: 'No network',
    noNetworkNote: 'Your page opens once the network is back. Alarms do not depend on this device: the operators answer as always.',
    title: 'The platform cannot be reached',
    again: 'It is tried again every 3 seconds. Your page opens once there is an answer.',
    why: 'Reason: {why}.',
    emergency: 'Operators: follow the contingency plan, with telephone and paper. Families: if it is urgent, telephone the elder, or call 120.',
  },
  form: {
    needed: 'needed',
    save: 'Save',
    saving: 'Saving',
    faulty: 'Fields that need a change: {n}. They are marked.',
    offline: 'Not sent: the platform cannot be reached. What you wrote is kept; press again when the network is back.',
    signedOut: 'Your session has ended. What you wrote is still here: sign in in another window, come back and press again.',
    refused: 'It was not done. {detail}.',
    unread: 'It could not be read. {detail}.',
    leaveTitle: 'Not saved yet',
    leaveNote: 'If you leave this page, what you wrote is lost.',
    leave: 'Leave without saving',
  },
  list: { more: 'Show more', moreFailed: 'The rest could not be read, press again.' },
  notices: {
    title: 'Messages',
    unread: 'Messages, {n} unread',
    none: 'No messages yet',
    noneNote: 'When something changes in a service that concerns you, you are told here.',
    new: 'new',
    toAct: 'please act',
    earlier: 'Show earlier ones',
  },
  map: { label: 'Map of {place} in {county}' },
  data: { loading: 'Loading', unknown: 'unknown', notRecorded: 'not on record', listComma: ', ' },
}

export default parts
