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
    grants_illegal_move: 'This grant has been dealt with already, look again',
    grants_too_many_asked: 'You have asked too often, try again in a day',
    grants_nobody_fits: 'Nobody on the register fits what was said, it can only be refused',
    grants_own: 'What you have asked for yourself is confirmed by somebody else',
    grants_lacking: 'You have no grant for this, you can ask for it',
    catalogue_before_today: 'It cannot hold from a day before today',
    request_stale_version: 'Somebody has just changed it; reload and change it again',
    providers_illegal_move: 'The state has just changed; reload the page',
    photos_bad: 'This photo cannot be used: choose an undamaged JPEG, PNG or WebP picture',
    other: 'It did not succeed ({code})',
  },
}

export default problems
