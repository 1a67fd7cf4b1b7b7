"""How counts become figures, and that a published definition is not changed in silence."""

import hashlib
import json
import math
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.model import Words
from services.metrics.kpis import DEFINITIONS
from services.metrics.model import Counts, Definition, FigureUnit, Subject, Target
from services.metrics.rules import (
    added,
    bucket_of,
    figure_of,
    middle_of,
    month_after,
    quantile,
    valid_on,
    wilson,
)

SECONDS = st.floats(min_value=1, max_value=3e6)
WORDS = Words("x", "x")


def a_definition(**changes: object) -> Definition:
    fields: dict[str, object] = {
        "id": "x", "version": 1, "since": date(2026, 1, 1), "subject": Subject.CASE, "name": WORDS, "numerator": WORDS,
        "denominator": WORDS, "counted": "true", "minimum_n": 20, **changes,
    }  # fmt: skip
    return Definition(**fields)  # type: ignore[arg-type]


@given(SECONDS)
def test_a_bucket_stands_for_its_durations_within_one_percent(seconds: float) -> None:
    assert middle_of(bucket_of(seconds)) == pytest.approx(seconds, rel=0.0101)


@given(st.lists(SECONDS, min_size=1, max_size=200), st.floats(min_value=0.01, max_value=1))
def test_a_quantile_of_the_buckets_is_that_of_the_durations_within_one_percent(lengths: list[float], q: float) -> None:
    whole = added(Counts(n=1, buckets=((bucket_of(one), 1),)) for one in lengths)
    exact = sorted(lengths)[max(1, math.ceil(q * len(lengths) - 1e-9)) - 1]
    assert quantile(whole.buckets, q) == pytest.approx(exact, rel=0.0101)


def test_nothing_has_no_quantile() -> None:
    assert quantile((), 0.5) is None


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)]
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    """The last: Newcombe, Statistics in Medicine 17 (1998), table I."""
    assert wilson(hits, n) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_in_its_interval_and_both_between_nothing_and_all(counted: tuple[int, int]) -> None:
    hits, n = counted
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n + 1e-12
    assert hits / n - 1e-12 <= high <= 1


def test_of_too_few_nothing_is_said_but_how_many_there_were() -> None:
    said = figure_of(a_definition(target=Target(value=0.9, source="x")), Counts(n=19, hits=19, excluded=2))
    assert (said.n, said.hits, said.excluded, said.too_few) == (19, 19, 2, True)
    assert (said.share, said.low, said.high, said.meets_target) == (None, None, None, None)


@pytest.mark.parametrize(
    ("target", "hits", "meets"),
    [
        (Target(value=0.95, source="x"), 95, True),
        (Target(value=0.95, source="x"), 94, False),
        (Target(value=0.1, at_least=False, source="x"), 10, True),
        (Target(value=0.1, at_least=False, source="x"), 11, False),
        (None, 50, None),
    ],
)
def test_a_target_is_met_or_not(target: Target | None, hits: int, meets: bool | None) -> None:
    assert figure_of(a_definition(target=target), Counts(n=100, hits=hits)).meets_target is meets


def test_a_target_of_a_duration_is_kept_by_its_quantile() -> None:
    slow_few = Counts(n=100, buckets=((bucket_of(20), 97), (bucket_of(500), 3)))
    for wanted, meets in ((0.95, True), (0.975, False)):
        target = Target(value=60, at_least=False, quantile=wanted, source="x")
        assert figure_of(a_definition(seconds="answered_s", target=target), slow_few).meets_target is meets


@pytest.mark.parametrize(
    ("month", "by", "after"),
    [
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2026, 5, 1), 0, date(2026, 5, 1)),
    ],
)
def test_months_go_on_over_the_turn_of_the_year(month: date, by: int, after: date) -> None:
    assert month_after(month, by) == after


def test_a_day_has_one_version_of_a_definition() -> None:
    old = a_definition(until=date(2026, 7, 1))
    new = a_definition(version=2, since=date(2026, 7, 1))
    assert valid_on((old, new), date(2026, 6, 30)) == {"x": old}
    assert valid_on((old, new), date(2026, 7, 1)) == {"x": new}
    assert valid_on((old, new), date(2025, 12, 31)) == {}


def test_versions_of_a_definition_follow_each_other_without_a_gap() -> None:
    for figure in {one.id for one in DEFINITIONS}:
        versions = [one for one in DEFINITIONS if one.id == figure]
        assert [one.version for one in versions] == list(range(1, len(versions) + 1))
        assert all(before.until == after.since for before, after in pairwise(versions))
        assert versions[-1].until is None


def _print_of(one: Definition) -> str:
    counting = (one.subject, one.since.isoformat(), one.counted, one.each, one.hits, one.seconds, one.minimum_n)
    excluded = [(exclusion.code, exclusion.where) for exclusion in one.excluded]
    excluded += [("part", one.part)] if one.part != "part" else []
    return hashlib.sha256(json.dumps([*counting, excluded]).encode()).hexdigest()[:16]


PUBLISHED = {
    "alarm_answered_60s v1": "66aa133466e22f60",
    "alarm_answered_180s v1": "e3def2c09d2f90af",
    "alarm_answer_time v1": "920c9fc28cec4ebd",
    "alarm_closed v1": "5a0ae71e010286c0",
    "false_alarms v1": "0826677ac054e073",
    "visits_on_time v1": "2461ab95d9867561",
    "visits_done v1": "85899b3075d10403",
    "visits_missed v1": "04306c946824244f",
    "offers_declined v1": "d431118616897134",
    "visits_reassigned v1": "a0e376273b63e62e",
    "time_to_assign v1": "8c30fbf1a4f37246",
    "continuity v1": "d312cac6c4c92277",
    "welfare_visited v1": "9e316495afb79aca",
    "within_15_min v1": "a5b0a25cbc09d1e7",
    "meals_offered v1": "2bc12375927eb2ba",
    "aids_offered v1": "2761093a73a52a7c",
    "home_care_beds v1": "c9825ca3486ca552",
    "welfare_visited_lives_alone v1": "95280fe0f4d1e8cb",
    "welfare_visited_empty_nest v1": "481028cb534450d2",
    "welfare_visited_left_behind v1": "84af3a086e325705",
    "welfare_visited_disabled v1": "16a46d1f9c33862a",
    "welfare_visited_severe_handicap v1": "27b3b4a473dee0eb",
    "welfare_visited_special_family v1": "e5416426773f294b",
    "first_attempt_failed v1": "2208b7e5ded76d74",
    "first_attempt_firmware v1": "55159252e336e59f",
    "devices_online v1": "74e7dc659592cca8",
    "readings_complete v1": "ffb025f6aeb63643",
    "low_battery_age v1": "adccf5f0df6c6ce7",
    "operators_overloaded v1": "8aa2bf9f9af759d6",
    "operators_flooded v1": "1b990b615ab53fff",
    "alarms_standing v1": "8496cc47a7c8157b",
}


def test_what_was_published_is_counted_as_it_was() -> None:
    """Who changes how a figure is counted ends its version, adds the next one, and adds it here."""
    assert {f"{one.id} v{one.version}": _print_of(one) for one in DEFINITIONS} == PUBLISHED


def test_a_figure_is_a_share_or_a_duration() -> None:
    for one in DEFINITIONS:
        assert (one.unit is FigureUnit.SECONDS) == (one.hits == "0"), one.id
        assert one.target is None or (one.target.quantile is not None) == (one.unit is FigureUnit.SECONDS), one.id
