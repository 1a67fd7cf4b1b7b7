"""Dispatch at work: who should come for which order. It proposes; the orders slice disposes. It owns no order and no
worker, and is the one slice that knows `dispatch`.

model                staff and readings, as the platform has them
days, workers        orders and staff as dispatch has them
belief               what the orders slice has said, and what it will have once all that is proposed has been taken
planned_day (stops)  one provider's day in one area: a living day that follows what is said
staying              in it, what nobody else can take
proposing            a plan of dispatch as what has to be proposed
planner              the days of all areas that this process plans: events in, proposals out
telling              who must be told now
improving            better plans for what nobody has been told yet
areas (store)        which areas those are, by the bus; all that is said goes out there
consumers, timers    the planner on the bus, and what happens because time has passed
questions (answers)  what a planned day is asked at once
inside               the HTTP by which it is asked
client               the other side of it, in the app: imports nothing of dispatch
"""
