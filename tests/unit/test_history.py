"""A simulated history says what the slices could have said: their contracts, their moves, their times."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache

import pytest

from backbone.bus import Delivered
from contracts.alarm_case import CaseMoved
from contracts.order import OrderMoved, OrderView
from contracts.welfare import WelfareDueMoved
from services.alarms.model import MOVES, AlarmMove, AlarmState, Outcome
from services.catalogue.store import packaged
from services.elders.model import DeviceKind
from services.elders.store_regions import packaged_regions
from services.orders.states import ORDER_MOVES, VISIT_MOVES, OrderMove, OrderState, VisitMove, VisitState, followed
from yian.demo.market import providers
from yian.history.months import days_of, events_of
from yian.history.orders import LUNCH
from yian.history.rates import SERVICES, USUAL, Rates
from yian.history.register import VISIT
from yian.history.telling import SIMULATED
from yian.history.town import Known, Person, Town, town_of

MONTH = date(2026, 2, 1)
MANY = Rates(alarms=1.0, technical=0.3, one_time=0.5, lunches=0.1, weekly=0.1, offline=0.05)
ELDERS = 400


@cache
def a_town(seed: int = 1) -> Town:
    known = Known(
        regions=packaged_regions(),
        devices={DeviceKind.WATCH: [f"W-{n:06d}" for n in range(1, 31)]},
        providers=[(Person(one.id, one.name), one.region_codes, ()) for one in providers()],
        operators=(),
    )
    return town_of(known, elders=ELDERS, seed=seed, rates=MANY)


def told(seed: int = 1, days: int = 28) -> Iterator[Delivered]:
    for day in days_of(MONTH)[:days]:
        yield from events_of(a_town(), seed, day, MANY)


@cache
def month() -> tuple[Delivered, ...]:
    return tuple(told())


def of_kind(kind: str) -> Iterator[Delivered]:
    return (one for one in month() if one.headers["ce_type"] == kind)


def test_the_same_seed_says_the_same_bytes_and_another_seed_others() -> None:
    first = [(one.headers, one.value) for one in told(days=3)]
    assert first == [(one.headers, one.value) for one in told(days=3)]
    assert first != [(one.headers, one.value) for one in told(seed=2, days=3)]


def test_each_event_is_told_once_and_says_that_it_is_simulated() -> None:
    ids = [one.headers["ce_id"] for one in month()]
    assert len(set(ids)) == len(ids)
    assert all(one.startswith(SIMULATED) for one in ids)


def test_cases_make_only_moves_that_the_platform_allows() -> None:
    states: dict[str, AlarmState] = {}
    moves, outcomes, before = set[str](), set[str | None](), dict[str, CaseMoved]()
    for record in of_kind(CaseMoved.TYPE):
        said = CaseMoved.read(record.value)
        case, id_ = said.case, str(said.case.id)
        state = AlarmState(case.state)
        if said.move == "open":
            assert (case.version, state, id_ in states) == (1, AlarmState.OPEN, False)
            assert case.occurred_at <= case.received_at <= case.opened_at == said.at
        else:
            assert MOVES[states[id_], AlarmMove(said.move)] is state, (states[id_], said.move)
            assert case.version == before[id_].case.version + 1
            assert said.at >= before[id_].at
        assert (case.claimed_by is not None) == (
            state in (AlarmState.CLAIMED, AlarmState.CALLING, AlarmState.RESPONDING)
        )
        assert (case.outcome is not None) == (case.closed_at is not None) == (state is AlarmState.CLOSED)
        states[id_], before[id_] = state, said
        moves.add(said.move)
        outcomes.add(case.outcome)
    assert moves >= {"open", "press", "claim", "call", "call_done", "respond", "note", "lapse", "release", "close"}
    assert outcomes == {None, *(outcome.value for outcome in Outcome)}


def test_orders_and_visits_make_only_moves_that_the_platform_allows() -> None:
    orders: dict[str, OrderMoved] = {}
    moves, ends = set[str](), set[str]()
    for record in of_kind(OrderMoved.TYPE):
        said = OrderMoved.read(record.value)
        order, before = said.order, orders.get(str(said.order.id))
        states = [VisitState(visit.state) for visit in order.visits]
        assert order.state == followed(states).value
        assert (order.day.year, order.day.month) == (MONTH.year, MONTH.month), "another month may be real"
        assert order.version == (before.order.version + 1 if before else 1)
        if before is None:
            assert (said.move, set(states), said.at) == ("place", {VisitState.WAITING}, order.placed_at)
        else:
            assert said.at >= before.at
            _allowed(before.order, said)
        orders[str(order.id)] = said
        moves.add(said.move)
        ends.update(visit.state for visit in order.visits)
    assert moves >= {"assign", "offer", "accept", "decline", "expire", "release", "wait", "set_out", "begin", "end"}
    assert moves >= {"not_met", "interrupt", "miss", "cancel", "reschedule"}
    assert ends >= {"done", "missed", "not_met", "interrupted", "cancelled"}
    late = [one for one in orders.values() if one.order.visits[0].starts_at and one.move == "end"]
    assert any(len(one.order.visits) == 2 for one in orders.values())
    assert any(one.order.visits[0].starts_at > one.order.wished_until for one in late if one.order.visits[0].starts_at)


def _allowed(before: OrderView, said: OrderMoved) -> None:
    for was, visit in zip(before.visits, said.order.visits, strict=True):
        if said.visit_id == visit.id:
            assert VISIT_MOVES[VisitState(was.state), VisitMove(said.move)] == visit.state, (was.state, said.move)
        elif said.visit_id is None:
            assert (OrderState(before.state), OrderMove(said.move)) in ORDER_MOVES
        else:
            assert was == visit
        assert (visit.worker is None) <= (visit.state in ("waiting", "cancelled", "missed"))


def test_there_are_orders_of_every_service_of_the_catalogue() -> None:
    _, services = packaged()
    told = {OrderMoved.read(record.value).order.service_code for record in of_kind(OrderMoved.TYPE)}
    names = {one.code: (one.terms.name.zh, one.terms.name.en) for one in services}
    assert {code: (zh, en) for code, zh, en, *_ in SERVICES}.items() <= names.items()
    assert {code for code, *_ in SERVICES} | {LUNCH[0], VISIT[0]} == names.keys() >= told
    assert len(told) > len(names) - 4


def test_what_is_due_ends_once_and_most_are_visited() -> None:
    states: dict[tuple[object, date], list[WelfareDueMoved]] = defaultdict(list)
    for record in of_kind(WelfareDueMoved.TYPE):
        said = WelfareDueMoved.read(record.value)
        states[said.elder_id, said.due_from].append(said)
    for moves in states.values():
        assert [one.version for one in moves] == list(range(1, len(moves) + 1))
        assert all(one.state == "due" for one in moves[:-1])
        assert moves[-1].state != "due"
        assert all(one.at <= two.at for one, two in itertools.pairwise(moves))
        assert (moves[-1].state == "visited") == (moves[-1].visited_on is not None)
    visited = sum(moves[-1].state == "visited" for moves in states.values())
    assert 0.93 < visited / len(states) < 1
    assert {moves[-1].weekly for moves in states.values()} == {True, False}


def test_whoever_is_away_is_heard_of_within_three_days() -> None:
    waits: list[float] = []
    for record in of_kind(CaseMoved.TYPE):
        said = CaseMoved.read(record.value)
        if said.move == "open":
            waits.append((said.at - said.case.occurred_at).total_seconds())
    assert 3600 < max(waits) < 72 * 3600
    assert sorted(waits)[len(waits) // 2] < 2


@pytest.mark.parametrize("hour", [8, 3])
def test_the_day_has_busy_hours_and_quiet_ones(hour: int) -> None:
    opened: list[datetime] = []
    for record in of_kind(CaseMoved.TYPE):
        said = CaseMoved.read(record.value)
        if said.move == "open" and not said.case.worklist:
            opened.append(said.case.occurred_at)
    share = sum((one.hour + 8) % 24 == hour for one in opened) / len(opened)
    assert share > 0.045 if hour == 8 else share < 0.04


def test_most_alarms_are_answered_in_a_minute() -> None:
    waits = [
        (case.first_claimed_at - case.opened_at).total_seconds()
        for case in (CaseMoved.read(record.value).case for record in of_kind(CaseMoved.TYPE))
        if case.first_claimed_at and case.state == "closed" and not case.worklist
    ]
    assert 0.93 < sum(wait <= 60 for wait in waits) / len(waits) < 0.995


def test_lives_of_elders_go_on_with_the_usual_rates_too() -> None:
    assert sum(1 for _ in events_of(a_town(), 1, MONTH, USUAL)) > 0
