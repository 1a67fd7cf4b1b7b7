import domain from './domain'
import parts from './parts'
import problems from './problems'
import time from './time'

export default { ...parts, ...time, ...domain, ...problems }
