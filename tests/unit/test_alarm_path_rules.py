"""Which part is said to stop alarms, by what is known of each."""

from typing import Any

import pytest

from services.console.rules import (
    BROKER_SECONDS,
    BUS_SECONDS,
    CLOCK_SECONDS,
    FORGOTTEN_SECONDS,
    PROBE_SECONDS,
    WRITE_SECONDS,
    BrokerSight,
    Part,
    Sight,
    broker_silent,
    stopped_at,
)

LONG = 60.0
FOUND_SECONDS = 10.0
"""Promised: from the moment a part stops until every console says so."""


def sight(**ago: Any) -> Sight:
    well: dict[str, Any] = dict.fromkeys(("written_ago", "carried_ago", "gateway_ago", "broker_ago", "kept_ago"), 1.0)
    return Sight(**{**well, "ahead": {"app": 0.01, "gateway 1": -0.2, "worker of 1": 0.1}, **ago})


def part(**ago: Any) -> Part | None:
    found = stopped_at(sight(**ago))
    return found[0] if found else None


def test_where_everything_is_well_nothing_stops_alarms() -> None:
    assert stopped_at(sight()) is None


ORDER = [
    ("written_ago", Part.DATABASE),
    ("carried_ago", Part.BUS),
    ("gateway_ago", Part.GATEWAY),
    ("broker_ago", Part.BROKER),
    ("kept_ago", Part.WORKER),
]


@pytest.mark.parametrize(("what", "named"), ORDER)
def test_each_part_is_named_when_it_alone_is_not_well(what: str, named: Part) -> None:
    assert stopped_at(sight(**{what: LONG})) == (named, LONG)


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_of_what_is_not_well_the_first_that_the_others_need_is_named(first: int) -> None:
    assert part(**dict.fromkeys((what for what, _ in ORDER[first:]), LONG)) == ORDER[first][1]


@pytest.mark.parametrize("whose", ["app", "gateway 1", "worker of 1"])
@pytest.mark.parametrize("way", [1, -1])
def test_a_clock_that_is_off_either_way_is_named(whose: str, way: int) -> None:
    assert part(ahead={"app": 0.0, whose: way * (CLOCK_SECONDS + 0.1)}) == Part.CLOCK
    assert part(ahead={"app": 0.0, whose: way * (CLOCK_SECONDS - 0.1)}) is None


def test_a_clock_is_named_only_where_alarms_get_through() -> None:
    assert part(ahead={"app": LONG}, kept_ago=LONG) == Part.WORKER


def test_a_probe_or_two_may_get_lost() -> None:
    assert part(kept_ago=3 * 2.0 + 0.5, gateway_ago=3 * 2.0 + 0.5, broker_ago=2 * 2.0 + 0.5) is None


def test_a_broker_that_one_gateway_has_lost_is_silent_until_it_deals_it_nothing_more() -> None:
    well, unlucky = BrokerSight(1.0, 0.0), BrokerSight(BROKER_SECONDS + 3.0, 0.0)
    assert broker_silent([]) == 0.0
    assert broker_silent([well, unlucky]) == 1.0
    assert broker_silent([well, BrokerSight(9.0, 6.0)]) == 6.0
    assert broker_silent([well, BrokerSight(LONG * 2, FORGOTTEN_SECONDS)]) == 1.0


def test_every_patience_ends_before_it_is_to_be_loud() -> None:
    sign, look, beat = 2.0, 1.5, 1.0
    assert max(WRITE_SECONDS, BUS_SECONDS, PROBE_SECONDS, BROKER_SECONDS + sign) + look + beat < FOUND_SECONDS
