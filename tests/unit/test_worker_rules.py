"""Workers: certificates, limits, areas, and who is unpaid."""

from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.model import TravelMode as Travelled
from services.providers.rules import IllegalMove
from services.providers.workers import rules
from services.providers.workers.model import (
    MOVES,
    Break,
    Certificate,
    TravelMode,
    Worker,
    WorkerKind,
    WorkerMove,
    WorkerState,
)
from services.providers.workers.rules import AreaOutside, BadWorker
from services.providers.workers.views import EndingCertificate

DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
UNPAID_LIMITS = {"day_limit_min": 120, "week_limit_min": 600, "month_limit_min": 2400}


def a_worker(**fields: Any) -> Worker:
    known: dict[str, Any] = {"id": UUID(int=1), "provider_id": UUID(int=2), "name": "陈银杏", "sex": "female"}
    return Worker(**known | {"phone": "10177778888"} | fields)


def held(valid_from: date, valid_until: date, number: str = "C-1") -> Certificate:
    return Certificate(kind="care_worker", number=number, valid_from=valid_from, valid_until=valid_until)


@pytest.mark.parametrize(("state", "move"), list(product(WorkerState, WorkerMove)))
def test_a_move_does_what_the_table_says_and_no_other_is_allowed(state: WorkerState, move: WorkerMove) -> None:
    worker = a_worker(state=state)
    if (state, move) in MOVES:
        assert worker.after(move).state is MOVES[state, move]
        return
    with pytest.raises(IllegalMove) as refused:
        worker.after(move)
    assert refused.value.members == {"state": state, "move": move}


def test_the_means_of_travel_are_those_that_dispatch_knows() -> None:
    assert [mode.value for mode in TravelMode] == [mode.value for mode in Travelled]


@given(DAYS, st.integers(0, 1500), st.integers(-3, 1503))
def test_a_certificate_is_valid_from_its_first_day_to_its_last_and_on_no_other(
    first: date, length: int, at: int
) -> None:
    worker = a_worker(certificates=(held(first, first + timedelta(days=length)),))
    assert worker.holds("care_worker", first + timedelta(days=at)) is (0 <= at <= length)
    assert not worker.holds("nurse", first)


def test_a_certificate_that_ends_before_it_begins_or_stands_twice_is_refused() -> None:
    good = held(date(2026, 1, 1), date(2026, 1, 1))
    rules.check(a_worker(certificates=(good,)), ["4202"])
    for certificates in ((held(date(2026, 1, 2), date(2026, 1, 1)),), (good, good)):
        with pytest.raises(BadWorker) as refused:
            rules.check(a_worker(certificates=certificates), ["4202"])
        assert refused.value.members == {"field": "certificates"}


@pytest.mark.parametrize(
    ("areas", "regions", "outside"),
    [
        ((), ("420202",), []),
        (("420202006",), ("420202",), []),
        (("420202", "420281104"), ("420281", "420202"), []),
        (("4202",), ("420202",), ["4202"]),
        (("420202", "420281"), ("420202",), ["420281"]),
    ],
)
def test_nobody_is_sent_where_the_provider_does_not_serve(
    areas: tuple[str, ...], regions: tuple[str, ...], outside: list[str]
) -> None:
    if not outside:
        rules.check(a_worker(areas=areas), regions)
        return
    with pytest.raises(AreaOutside) as refused:
        rules.check(a_worker(areas=areas), regions)
    assert refused.value.members == {"areas": outside}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"day_limit_min": 600, "week_limit_min": 500}, "day_limit_min"),
        ({"week_limit_min": 2400, "month_limit_min": 2000}, "week_limit_min"),
        ({"day_limit_min": 600, "month_limit_min": 500}, "day_limit_min"),
        ({"breaks": (Break(duration_min=30, from_min=800, to_min=700),)}, "breaks"),
        ({"elder_ids": (UUID(int=9),)}, "elder_ids"),
        ({"kind": WorkerKind.VOLUNTEER}, "day_limit_min"),
        ({"kind": WorkerKind.PEER, **UNPAID_LIMITS, "day_limit_min": 241}, "day_limit_min"),
        ({"kind": WorkerKind.NEIGHBOUR, **UNPAID_LIMITS, "month_limit_min": None}, "month_limit_min"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadWorker) as refused:
        rules.check(a_worker(**fields), ["4202"])
    assert refused.value.members == {"field": field}


def test_an_unpaid_helper_is_paired_with_elders_and_does_few_hours() -> None:
    for kind in (WorkerKind.VOLUNTEER, WorkerKind.NEIGHBOUR, WorkerKind.PEER):
        rules.check(a_worker(kind=kind, elder_ids=(UUID(int=9),), **UNPAID_LIMITS), ["4202"])
        assert not a_worker(kind=kind).paid


def test_certificates_about_to_end_are_told_the_first_to_end_first() -> None:
    today = date(2026, 11, 29)
    ends = {"gone": date(2026, 11, 28), "today": today, "soon": date(2026, 12, 29), "later": date(2026, 12, 30)}
    worker = a_worker(certificates=tuple(held(date(2020, 1, 1), day, number) for number, day in ends.items()))
    told = EndingCertificate.all_of([worker], today=today, last=today + timedelta(days=30))
    assert [(one.certificate.number, one.days_left) for one in told] == [("gone", -1), ("today", 0), ("soon", 30)]
