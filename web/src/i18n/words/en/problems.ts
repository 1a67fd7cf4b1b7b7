import type zh from '../zh-CN/problems'

const problems: typeof zh = {
  problem: {
    unavailable: 'A part of the platform does not answer, try again',
    db_unavailable: 'The platform cannot reach its database, try again',
    network_unreachable: 'The platform cannot be reached, check the network',
    internal: 'Something broke on the platform; it has been logged',
    not_found: 'It does not exist or is not in your scope',
    accounts_forbidden: 'Your role may not do this',
    accounts_csrf: 'Your session has changed, reload the page',
    request_invalid: 'The content is not as required, change it and try again',
    request_key_reused: 'The content of this try has changed, press once more',
    other: 'It did not succeed ({code})',
  },
}

export default problems
