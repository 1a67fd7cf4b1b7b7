/** Words of the list of stars. */
export default {
  starList: {
    back: 'Stars of all providers',
    one: 'Stars of {name}',
    before: 'Month before',
    after: 'Month after',
    closed: 'The month is closed and its stars are published.',
    open: 'The month is not closed: what follows is provisional, is not published, and puts nobody on a list.',
    public: 'Public page',
    none: 'There is nothing to judge in {month}.',
    provider: 'Provider',
    list: 'List',
    atLeast: '{n} published months in a row with {stars} stars or more.',
    atMost: '{n} published months in a row with {stars} stars or fewer.',
    nobody: 'No provider fits.',
    byPeople: 'The lists are for people who decide: the platform rewards and suspends nobody by itself. A month under appeal does not count.',
    least: 'Counted at least',
    needed: 'needed',
  },
  starLists: { incentive: 'For an incentive', talk: 'For a talk about leaving' },
}
