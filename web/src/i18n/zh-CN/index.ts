import common from './common'
import console from './console'
import domain from './domain'
import pages from './pages'

export default { ...common, ...domain, ...pages, ...console }
