import console from './console'
import domain from './domain'
import pages from './pages'
import parts from './parts'
import time from './time'

export default { ...parts, ...time, ...domain, ...pages, ...console }
