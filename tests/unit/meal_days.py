"""Small days of meals: metres on a plane as places, 300 metres a minute."""

from hypothesis import strategies as st

from bench.meals.world import METRES_PER_DEGREE, StraightLines
from dispatch.meals.model import Busy, Carrier, Kitchen, MealDay, MealOrder, MealPolicy
from dispatch.model import Interval, Place

TRAVEL = StraightLines(300.0)
POLICY = MealPolicy()
NOON = 720.0


def a_place(x: float, y: float = 0.0) -> Place:
    return Place(id=f"{x:g}/{y:g}", lat=y / METRES_PER_DEGREE, lon=x / METRES_PER_DEGREE)


def a_carrier(name: str = "c1", *, at: float = 0.0, until: float = 900.0, **more: object) -> Carrier:
    return Carrier(id=name, start=a_place(at), shifts=(Interval(600.0, until),), **more)  # type: ignore[arg-type]


def a_meal(name: str = "m1", *, at: float = 1_500.0, ready: float = NOON, **more: object) -> MealOrder:
    """1,500 metres from the kitchen unless it says otherwise."""
    return MealOrder(id=name, kitchen_id="k1", place=a_place(at), ready_min=ready, **more)  # type: ignore[arg-type]


def a_day(*orders: MealOrder, carriers: tuple[Carrier, ...] | None = None, now: float = 700.0) -> MealDay:
    return MealDay(
        now_min=now,
        kitchens=(Kitchen(id="k1", place=a_place(0.0)),),
        carriers=(a_carrier(),) if carriers is None else carriers,
        orders=orders,
    )


PLACES = st.builds(a_place, st.integers(-4_000, 4_000), st.integers(-4_000, 4_000))


@st.composite
def _carriers(draw: st.DrawFn, name: str) -> Carrier:
    on = draw(st.integers(600, 760))
    off = draw(st.integers(on, 900))
    busy = ()
    if off > on + 60 and draw(st.booleans()):
        begins = draw(st.integers(on + 10, off - 30))
        busy = (Busy(during=Interval(begins, begins + draw(st.integers(5, 30))), place=draw(PLACES)),)
    under_way = draw(st.booleans())
    return Carrier(
        id=name,
        start=draw(PLACES),
        shifts=(Interval(on, off),),
        box_portions=draw(st.sampled_from((1.0, 3.0, 10.0))),
        busy=busy if not under_way else (),
        position=draw(PLACES) if under_way else None,
        free_from_min=draw(st.integers(on, off + 20)) if under_way else float("-inf"),
    )


@st.composite
def meal_days(draw: st.DrawFn) -> MealDay:
    kitchens = tuple(Kitchen(id=f"k{i}", place=draw(PLACES)) for i in range(draw(st.integers(1, 3))))
    return MealDay(
        now_min=700.0,
        kitchens=kitchens,
        carriers=tuple(draw(_carriers(f"c{i}")) for i in range(draw(st.integers(0, 4)))),
        orders=tuple(
            MealOrder(
                id=f"m{i}",
                kitchen_id=draw(st.sampled_from(kitchens)).id,
                place=draw(PLACES),
                ready_min=draw(st.integers(690, 760)),
                due_min=draw(st.sampled_from((740.0, 790.0))),
                fresh_min=draw(st.sampled_from((15.0, 40.0, float("inf")))),
                portions=draw(st.sampled_from((1.0, 2.0, 5.0))),
            )
            for i in range(draw(st.integers(0, 9)))
        ),
    )
