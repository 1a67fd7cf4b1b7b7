"""Small horizons of all kinds, for the tests of several days."""

import datetime
from dataclasses import replace

from dispatch_days import DATE, a_worker, an_order, orders, place, workers
from hypothesis import strategies as st

from dispatch.model import Group, Interval, Order, Worker
from dispatch.week.model import WEEKDAYS, Agenda, Horizon, Leave, Past, Roster, Series
from dispatch.week.recurrence import filled

DAY = datetime.timedelta(days=1)
SHIFT = (Interval(480.0, 1080.0),)
DAILY = "FREQ=DAILY"


def a_roster(name: str = "w1", worker: Worker | None = None, **changes: object) -> Roster:
    roster = Roster(worker=worker or a_worker(name, shifts=()), shifts=dict.fromkeys(WEEKDAYS, SHIFT))
    return replace(roster, **changes)  # type: ignore[arg-type]


def a_series(name: str = "s1", order: Order | None = None, **changes: object) -> Series:
    series = Series(id=name, order=order or an_order(name), rule=DAILY, begins=DATE)
    return replace(series, **changes)  # type: ignore[arg-type]


def a_horizon(
    *series: Series, rosters: tuple[Roster, ...] = (), days: int = 3, once: tuple[Order, ...] = ()
) -> Horizon:
    """`once`: orders of the first date alone."""
    agendas = tuple(Agenda(date=DATE + n * DAY, orders=once if n == 0 else ()) for n in range(days))
    return filled(Horizon(agendas=agendas, rosters=rosters or (a_roster("w1"), a_roster("w2")), series=series))


@st.composite
def rosters(draw: st.DrawFn, name: str, dates: list[datetime.date]) -> Roster:
    worker = draw(workers(name))
    turns = (worker.shifts, (Interval(420.0, 840.0),), (Interval(840.0, 1320.0),), ())
    own = replace(
        worker,
        shifts=(),
        next_shift_begins_min=None,
        week_left_min=None,
        month_left_min=None,
        last_shift_ended_min=draw(st.sampled_from((-1440.0, -300.0))),
    )
    away = st.builds(Leave, date=st.sampled_from(dates), during=st.sampled_from((None, Interval(540.0, 780.0))))
    return Roster(
        worker=own,
        shifts={day: draw(st.sampled_from(turns)) for day in WEEKDAYS},
        other_shifts=draw(st.dictionaries(st.sampled_from(dates), st.sampled_from(turns), max_size=1)),
        leave=tuple(draw(st.lists(away, max_size=1))),
        week_limit_min=draw(st.sampled_from((None, 150.0, 400.0))),
        month_limit_min=draw(st.sampled_from((None, None, 300.0))),
        worked_min=draw(st.sampled_from(({}, {dates[0] - DAY: 60.0}))),
    )


@st.composite
def horizons(draw: st.DrawFn) -> Horizon:
    """Nothing planned yet: three to five dates from a Friday on, so that a week ends among them."""
    dates = [DATE + 4 * DAY + n * DAY for n in range(draw(st.integers(3, 5)))]
    staff = tuple(draw(rosters(f"w{w}", dates)) for w in range(draw(st.integers(2, 3))))
    names = tuple(roster.worker.id for roster in staff)

    def plain(order: Order) -> Order:
        return replace(order, usual_workers=frozenset(), usual_start_min=None)

    series = tuple(
        Series(
            id=f"s{n}",
            order=plain(draw(orders(f"s{n}", names))),
            rule=draw(st.sampled_from((DAILY, "FREQ=WEEKLY;BYDAY=FR,SU", "FREQ=DAILY;INTERVAL=2"))),
            begins=DATE,
            past=draw(st.sampled_from(((), (Past(worker_ids=("w0",), start_min=700.0),)))),
        )
        for n in range(draw(st.integers(1, 4)))
    )
    once = tuple(plain(draw(orders(f"o{n}", names))) for n in range(draw(st.integers(0, 2))))
    agendas = tuple(Agenda(date=date, orders=once if date == dates[1] else ()) for date in dates)
    ids = [*(one.id for one in series), *(order.id for order in once)]
    members = st.frozensets(st.sampled_from(ids), min_size=2, max_size=3)
    bound = st.builds(Group, order_ids=members, same_worker=st.booleans())
    groups = tuple(draw(st.lists(bound, max_size=1))) if len(ids) > 1 else ()
    return filled(Horizon(agendas=agendas, rosters=staff, series=series, groups=groups))


def far(name: str, east_km: float) -> Worker:
    return a_worker(name, start=place(f"{name}/start", 0.0, east_km), shifts=())
