"""Several days at once: recurring visits keep their worker and hour, and people keep their rest and their hours.

model               rosters, series of recurring visits, what stands on each date
recurrence, habits  on which dates a series comes; who does most of it, and when
neighbours          one date as a `Day`: what the other dates leave of rest and hours, and what they make usual
parts, search       a day in parts that fit in memory; a better plan for one part
planning            day by day, several times round, until nothing improves
rolling             the past day goes, a new one comes; nothing that stands is made anew
mending             leave on a date: what it touches changes, and nothing else
why, words          why this worker on this day, what a change costs; both in sentences
files, plot         weeks as JSON and as a picture

    week = read_week(Path("week.json"), Policy(), travel).horizon
    week = plan_horizon(week, Policy(), travel).horizon
    week = roll_on(week, Policy(), travel).horizon
    mended = mend_leave(week, "w03", Leave(date=tuesday), Policy(), travel)   # what changed, and why
"""
