"""Decides which worker goes, for orders and for emergencies. Plain data in, reasoned proposals out; nothing is kept.

model, policy, responders         the words: days, workers, orders, plans; weights; emergencies
gates, costs                      what is never violated, and what is weighed
insertion, improve, repair        a new order at once; a better plan; mending after `events`
commitment, what_if               who must be told now; what a person's override would mean
emergency (arrivals)              responders and stand-bys for all open emergencies together
meals                             meal runs: from a kitchen to several doors, several times a shift
proposal, explain, evaluation     the answers, their reasons, what a plan costs term by term
why, words                        the reasons of a planned or waiting order, in Chinese or English sentences
week                              several days at once: series, rest, hours of week and month, leave, rolling on
travel (ways)                     the port for travel times and its implementations; ways by what is fetched for a place
living                            a day of thousands of visits that is asked again and again: the same answers, sooner
formulation (tasks, columns, legs)  a day as the arrays of `kernel`, the search
files, plot, commands             days and plans as JSON, as a picture, and `yian dispatch`

    day = read_day(Path("monday.json")).day
    answer = insert(day, order, Policy(), GreatCircleTravel())   # a Proposal, or a Refusal with its reason
    if isinstance(answer, Proposal):
        day = replace(order_placed(day, order), plan=answer.plan)
    better = improve(day, Policy(), GreatCircleTravel(), seconds=5.0)
"""
