"""Small days of all kinds, for property tests."""

import datetime
from dataclasses import replace

from hypothesis import strategies as st

from dispatch.model import (
    Break,
    Certificate,
    Day,
    Group,
    Interval,
    Order,
    Pickup,
    Place,
    Plan,
    Route,
    Sex,
    Synchronisation,
    TravelMode,
    Visit,
    Worker,
)

DATE = datetime.date(2026, 11, 23)
SKILLS = ("bathing", "meal", "nursing")
EMPTY = Plan()


def place(name: str, north_km: float = 0.0, east_km: float = 0.0, region: str = "420202005") -> Place:
    return Place(id=name, lat=30.2 + north_km / 111.2, lon=115.04 + east_km / 96.1, region=region)


def certificate(skill: str, days_left: int = 100) -> Certificate:
    return Certificate(
        skill=skill, valid_from=datetime.date(2026, 1, 1), valid_until=DATE + datetime.timedelta(days=days_left)
    )


def a_worker(name: str = "w1", **changes: object) -> Worker:
    worker = Worker(
        id=name,
        start=place(f"{name}/start"),
        sex=Sex.FEMALE,
        certificates=tuple(certificate(skill) for skill in SKILLS),
        shifts=(Interval(480.0, 1080.0),),
    )
    return replace(worker, **changes)  # type: ignore[arg-type]


def an_order(name: str = "o1", **changes: object) -> Order:
    order = Order(
        id=name,
        elder_id=f"elder of {name}",
        place=place(f"{name}/home", 1.0, 1.0),
        visits=(Visit(id=f"{name}/1", duration_min=30.0, skills=frozenset({"meal"})),),
        window=Interval(600.0, 660.0),
        latest_start_min=720.0,
    )
    return replace(order, **changes)  # type: ignore[arg-type]


def a_pair(name: str = "o1", min_gap_min: float = 0.0, max_gap_min: float = 0.0, **changes: object) -> Order:
    visits = tuple(Visit(id=f"{name}/{i}", duration_min=30.0, skills=frozenset({"bathing"})) for i in (1, 2))
    gaps = Synchronisation(min_gap_min=min_gap_min, max_gap_min=max_gap_min)
    return an_order(name, visits=visits, synchronisation=gaps, **changes)


def a_day(*orders: Order, workers: tuple[Worker, ...] = (), now_min: float = 420.0) -> Day:
    staff = workers or (a_worker("w1"), a_worker("w2"), a_worker("w3"))
    return Day(
        date=DATE,
        now_min=now_min,
        workers=staff,
        orders=orders,
        plan=Plan(routes=tuple(Route(worker_id=worker.id) for worker in staff)),
    )


_kilometres = st.floats(-6.0, 6.0)
_regions = st.sampled_from(("420202005", "420203007", "420281"))


@st.composite
def _places(draw: st.DrawFn, name: str) -> Place:
    return place(name, draw(_kilometres), draw(_kilometres), draw(_regions))


def _breaks(begins_min: float) -> tuple[Break, ...]:
    noon, tea = Interval(begins_min + 180.0, begins_min + 270.0), Interval(begins_min + 400.0, begins_min + 450.0)
    return Break(duration_min=45.0, window=noon), Break(duration_min=15.0, window=tea, paid=True)


@st.composite
def workers(draw: st.DrawFn, name: str) -> Worker:
    begins = 60.0 * draw(st.integers(6, 9))
    leave_from = begins + 30.0 * draw(st.integers(0, 16))
    start = draw(_places(f"{name}/start"))
    return Worker(
        id=name,
        start=start,
        end=draw(st.sampled_from((None, start))),
        mode=draw(st.sampled_from(list(TravelMode))),
        sex=draw(st.sampled_from((*Sex, None))),
        certificates=tuple(
            certificate(skill, draw(st.sampled_from((-1, 0, 100)))) for skill in SKILLS if draw(st.booleans())
        ),
        shifts=draw(
            st.sampled_from(
                (
                    (Interval(begins, begins + 540.0),),
                    (Interval(begins, begins + 240.0), Interval(begins + 300.0, begins + 600.0)),
                )
            )
        ),
        leave=draw(st.sampled_from(((), (Interval(leave_from, leave_from + 45.0),)))),
        breaks=draw(st.sampled_from(((), (), _breaks(begins)))),
        last_departure_min=draw(st.sampled_from((None, None, begins + 400.0))),
        max_visits=draw(st.sampled_from((None, None, 0, 2))),
        areas=draw(st.sampled_from(((), ("4202",), ("420202", "420281")))),
        last_shift_ended_min=draw(st.sampled_from((-600.0, -120.0))),
        next_shift_begins_min=draw(st.sampled_from((None, 1980.0, 1500.0))),
        week_left_min=draw(st.sampled_from((None, None, 90.0))),
        month_left_min=draw(st.sampled_from((None, None, 60.0, -5.0))),
        contract_work_min=draw(st.sampled_from((60.0, 480.0))),
        max_work_min=draw(st.sampled_from((120.0, 600.0))),
        punctuality=draw(st.sampled_from((0.7, 1.0))),
        income_fen=draw(st.integers(0, 600_000)),
    )


KITCHENS = tuple(
    Pickup(id=name, place=place(name, north_km, east_km), duration_min=5.0, around_min=660.0)
    for name, north_km, east_km in (("north kitchen", 3.0, 0.0), ("south kitchen", -2.0, 1.0))
)


@st.composite
def orders(draw: st.DrawFn, name: str, worker_ids: tuple[str, ...]) -> Order:
    opens = 30.0 * draw(st.integers(14, 34))
    width = draw(st.sampled_from((0.0, 60.0, 180.0)))
    min_gap = draw(st.sampled_from((0.0, 0.0, 20.0)))
    visits = tuple(
        Visit(
            id=f"{name}/{i}",
            duration_min=draw(st.sampled_from((15.0, 60.0, 120.0))),
            skills=frozenset({draw(st.sampled_from(SKILLS))}),
            worker_sex=draw(st.sampled_from((None, None, *Sex))),
        )
        for i in range(draw(st.sampled_from((1, 1, 2))))
    )
    return Order(
        id=name,
        elder_id=f"elder of {name}",
        place=replace(draw(_places(f"{name}/home")), pickup=draw(st.sampled_from((None, None, *KITCHENS)))),
        visits=visits,
        window=Interval(opens, opens + width),
        latest_start_min=opens + width + draw(st.sampled_from((0.0, 90.0))),
        synchronisation=Synchronisation(min_gap_min=min_gap, max_gap_min=min_gap + draw(st.sampled_from((0.0, 30.0)))),
        urgent=draw(st.booleans()),
        priority=draw(st.sampled_from((1.0, 1.0, 3.0))),
        refused_workers=frozenset(draw(st.lists(st.sampled_from(worker_ids), max_size=1))),
        familiarity=dict.fromkeys(draw(st.lists(st.sampled_from(worker_ids), max_size=2)), 0.5),
        pay_fen=draw(st.integers(0, 20_000)),
        usual_workers=frozenset(draw(st.lists(st.sampled_from(worker_ids), max_size=2))),
        usual_start_min=draw(st.sampled_from((None, opens + 20.0, opens + 90.0, opens - 60.0))),
    )


@st.composite
def days(draw: st.DrawFn, most_orders: int = 8, most_workers: int = 4) -> Day:
    """Nothing planned yet."""
    staff = tuple(draw(workers(f"w{w}")) for w in range(draw(st.integers(1, most_workers))))
    names = tuple(worker.id for worker in staff)
    work = tuple(draw(orders(f"o{n}", names)) for n in range(draw(st.integers(1, most_orders))))
    day = a_day(*work, workers=staff, now_min=draw(st.sampled_from((0.0, 500.0))))
    return replace(day, groups=draw(_groups(tuple(order.id for order in work))))


@st.composite
def _groups(draw: st.DrawFn, order_ids: tuple[str, ...]) -> tuple[Group, ...]:
    members = st.frozensets(st.sampled_from(order_ids), min_size=2, max_size=3)
    count = draw(st.sampled_from((0, 0, 1, 2))) if len(order_ids) > 1 else 0
    return tuple(Group(order_ids=draw(members), same_worker=draw(st.booleans())) for _ in range(count))
