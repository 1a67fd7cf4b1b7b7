import type zh from './zh-CN'

const entry: typeof zh = {
  login: {
    title: 'Sign in',
    lead: 'Every press is answered.',
    leadMore: 'From a button pressed at home to the operator, the family and the person at the door.',
    username: 'Account',
    password: 'Password',
    show: 'Show',
    hide: 'Hide',
    submit: 'Sign in',
    submitting: 'Signing in',
    badCredentials: 'Account or password is wrong. Check both and try again; the duty supervisor can reset a password.',
    throttled: 'Too many tries, the account is locked for now. Try again in {n} s.',
    offline: 'The platform cannot be reached, so you are not signed in. Check the network and try again.',
    failed: 'Signing in failed ({code}). Try again; if it fails again, tell the duty supervisor.',
    needBoth: 'Enter account and password.',
    signedOut: 'You are signed out.',
    ended: 'Your session has ended. Please sign in again.',
    emergency: 'If the platform is down, follow the contingency plan: telephone and paper.',
    stars: 'Stars of providers',
  },
  welcome: {
    title: 'The page for your role ({role}) is not open yet',
    note: 'Your account is valid. Until then, please contact the duty supervisor.',
  },
  notFound: { title: 'No such page', note: 'The address may be wrong, or it is not open to you.', home: 'Home' },
}

export default entry
