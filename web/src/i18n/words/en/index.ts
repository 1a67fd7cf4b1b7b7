import domain from './domain'
import grants from './grants'
import parts from './parts'
import problems from './problems'
import time from './time'

export default { ...parts, ...time, ...domain, ...grants, ...problems }
