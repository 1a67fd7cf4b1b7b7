"""Stars: the published formula, that few visits never make five, the lists, and every move of an appeal."""

import hashlib
import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.kpis import DEFINITIONS
from services.metrics.model import Counts, FigureUnit, Subject
from services.metrics.stars.formulas import FORMULAS, LIST_RULES, formula_of
from services.metrics.stars.model import (
    APPEAL_MOVES,
    APPEAL_WITHIN,
    AppealMove,
    AppealState,
    IllegalAppealMove,
    ListKind,
    Term,
    appeal_after,
)
from services.metrics.stars.rules import (
    NothingToAppeal,
    ReasonNeeded,
    Told,
    TooLateToAppeal,
    check_appeal,
    is_listed,
    judge,
    rate,
    stars_of,
)

FORMULA = FORMULAS[0]
REQUIRED = [term.figure for term in FORMULA.terms if term.required]
LESS_IS_BETTER = {term.figure for term in FORMULA.terms if term.best < term.worst}
COUNTS = st.integers(0, 3000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
ALL_COUNTS = st.fixed_dictionaries({term.figure: COUNTS for term in FORMULA.terms})


def told(counts: dict[str, tuple[int, int]]) -> dict[str, Told]:
    return {figure: Told(1, Counts(n=n, hits=hits)) for figure, (n, hits) in counts.items()}


def perfect(n: int) -> dict[str, Told]:
    return told({term.figure: (n, 0 if term.figure in LESS_IS_BETTER else n) for term in FORMULA.terms})


def test_weights_are_of_a_hundred_and_each_term_is_a_share_of_a_providers_visits() -> None:
    known = {one.id: one for one in DEFINITIONS}
    for formula in FORMULAS:
        assert sum(term.weight for term in formula.terms) == 100
        for term in formula.terms:
            assert known[term.figure].subject is Subject.VISIT
            assert known[term.figure].unit is FigureUnit.SHARE
            assert term.worst != term.best


@given(ALL_COUNTS)
def test_who_adds_up_what_is_shown_comes_to_the_same_stars(counts: dict[str, tuple[int, int]]) -> None:
    rating = rate(FORMULA, told(counts))
    judged = [one for one in rating.terms if one.points is not None]
    if any(counts[figure][0] < 30 for figure in REQUIRED):
        assert (rating.score, rating.stars) == (None, None)
        return
    weights = sum(one.weight for one in judged)
    assert rating.score == round(sum(one.weight * (one.points or 0) for one in judged) / weights, 1)
    assert rating.stars == stars_of(rating.score)
    assert 0 <= rating.stars <= 5
    assert (rating.stars * 2).is_integer()


@given(st.integers(30, 100))
def test_few_visits_never_make_five_stars(n: int) -> None:
    rating = rate(FORMULA, perfect(n))
    assert rating.stars is not None
    assert rating.stars < 5


def test_many_perfect_visits_make_five_stars_and_none_at_all_makes_none() -> None:
    assert rate(FORMULA, perfect(400)).stars == 5
    assert rate(FORMULA, {}).stars is None
    worst = told({term.figure: (400, 400 if term.figure in LESS_IS_BETTER else 0) for term in FORMULA.terms})
    assert rate(FORMULA, worst).stars == 0


@given(ALL_COUNTS, st.sampled_from([term.figure for term in FORMULA.terms]))
def test_a_better_figure_never_takes_points(counts: dict[str, tuple[int, int]], figure: str) -> None:
    n, hits = counts[figure]
    term = next(one for one in FORMULA.terms if one.figure == figure)
    better = (n, max(0, hits - 1) if figure in LESS_IS_BETTER else min(n, hits + 1))
    before, after = (judge(term, told({figure: one})[figure]).points for one in ((n, hits), better))
    if before is not None and after is not None:
        assert after >= before


def test_a_term_of_too_few_leaves_its_weight_to_the_rest() -> None:
    counts = perfect(400) | {"continuity": Told(1, Counts(n=19, hits=0))}
    rating = rate(FORMULA, counts)
    (left_out,) = [one for one in rating.terms if one.points is None]
    assert (left_out.figure, left_out.n, left_out.bound, rating.score) == ("continuity", 19, None, 100.0)


def test_the_cautious_end_of_the_interval_counts() -> None:
    more = Term(figure="x", weight=1, worst=0.5, best=0.9, minimum_n=10)
    less = replace(more, worst=0.3, best=0.1)
    counts = Told(1, Counts(n=263, hits=81, excluded=4))
    assert (judge(more, counts).share, judge(more, counts).bound) == (0.308, 0.2553)
    assert (judge(less, counts).bound, judge(less, counts).points, judge(less, counts).excluded) == (0.3662, 0.0, 4)
    assert judge(replace(more, worst=0.2), counts).points == 7.9


OCTOBER = date(2026, 10, 1)
MONTHS = (date(2026, 8, 1), date(2026, 9, 1), OCTOBER)
INCENTIVE = LIST_RULES[0]


@pytest.mark.parametrize(
    ("row", "lists"),
    [
        ((4.5, 5.0, 4.5), [ListKind.INCENTIVE]),
        ((4.0, 5.0, 5.0), []),
        ((None, 5.0, 5.0), []),
        ((5.0, 1.5, 0.5), [ListKind.TALK]),
        ((1.0, 2.0, 1.0), []),
        ((1.0, None, 1.0), []),
    ],
)
def test_so_many_months_in_a_row_put_on_a_list(row: tuple[float | None, ...], lists: list[ListKind]) -> None:
    stars = dict(zip(MONTHS, row, strict=True))
    assert [rule.kind for rule in LIST_RULES if is_listed(rule, stars, OCTOBER)] == lists


def test_a_month_that_was_not_published_breaks_the_row() -> None:
    assert not is_listed(INCENTIVE, {MONTHS[0]: 5.0, OCTOBER: 5.0}, OCTOBER)


@pytest.mark.parametrize("state", [None, *AppealState])
@pytest.mark.parametrize("move", list(AppealMove))
def test_every_move_of_an_appeal_is_in_the_table_or_refused(state: AppealState | None, move: AppealMove) -> None:
    if (after := APPEAL_MOVES.get((state, move))) is not None:
        assert appeal_after(state, move) is after
    else:
        with pytest.raises(IllegalAppealMove):
            appeal_after(state, move)


def test_what_was_decided_stays_decided() -> None:
    assert {before for before, _ in APPEAL_MOVES} == {None, AppealState.OPEN}


def test_an_appeal_has_its_time_and_needs_a_reason_and_stars() -> None:
    said_at = datetime(2026, 11, 1, tzinfo=UTC)
    check_appeal(3.0, said_at, "数据有误", said_at + APPEAL_WITHIN)
    with pytest.raises(TooLateToAppeal):
        check_appeal(3.0, said_at, "数据有误", said_at + APPEAL_WITHIN + timedelta(seconds=1))
    with pytest.raises(NothingToAppeal):
        check_appeal(None, said_at, "数据有误", said_at)
    with pytest.raises(ReasonNeeded):
        check_appeal(3.0, said_at, " 错 ", said_at)


PUBLISHED = {"formula 1": "ecf7d06d0842e8bf", "lists": "8a578ad12594ebb0"}


def _print_of(what: object) -> str:
    return hashlib.sha256(json.dumps(what, default=str).encode()).hexdigest()[:16]


def test_what_was_published_is_judged_as_it_was() -> None:
    """Who changes a formula or a rule ends it with a month, adds the next one, and adds it here."""
    found = {f"formula {one.version}": _print_of([asdict(term) for term in one.terms]) for one in FORMULAS}
    assert found | {"lists": _print_of([asdict(rule) for rule in LIST_RULES])} == PUBLISHED


def test_a_month_has_one_formula() -> None:
    assert formula_of(OCTOBER) is FORMULA
