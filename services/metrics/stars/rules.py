"""From the counts of a provider to its stars, and from stars to the lists. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.errors import DomainError
from services.metrics.model import Counts
from services.metrics.rules import month_after, wilson
from services.metrics.stars.model import APPEAL_WITHIN, Formula, Judged, ListRule, Rating, Term

MOST = 100.0
SHORTEST_REASON = 4


class TooLateToAppeal(DomainError):
    """`until` was the last moment."""

    code = "stars.too_late_to_appeal"
    status = 409
    title = f"An appeal is filed within {APPEAL_WITHIN.days} days of the publication"


class NothingToAppeal(DomainError):
    code = "stars.nothing_to_appeal"
    status = 409
    title = "No stars were published for this month"


class ReasonNeeded(DomainError):
    code = "stars.reason_needed"
    status = 422
    title = "Say why, in a few words: the other side reads it"


@dataclass(frozen=True, slots=True)
class Told:
    """Counts of one figure, and by which version of its definition."""

    version: int
    counts: Counts


NOTHING = Told(0, Counts())


def rate(formula: Formula, told: Mapping[str, Told]) -> Rating:
    """:param told: by figure"""
    terms = tuple(judge(term, told.get(term.figure, NOTHING)) for term in formula.terms)
    judged = [one for one in terms if one.points is not None]
    if any(one.required and one.points is None for one in terms):
        return Rating(formula=formula.version, terms=terms, score=None, stars=None)
    weights = sum(one.weight for one in judged)
    score = round(sum(one.weight * (one.points or 0.0) for one in judged) / weights, 1)
    return Rating(formula=formula.version, terms=terms, score=score, stars=stars_of(score))


def judge(term: Term, told: Told) -> Judged:
    counts = told.counts
    share = bound = points = None
    if counts.n >= max(1, term.minimum_n):
        low, high = wilson(counts.hits, counts.n)
        share, bound = round(counts.hits / counts.n, 4), round(low if term.best > term.worst else high, 4)
        points = points_of(term, bound)
    return Judged(
        figure=term.figure, version=told.version, n=counts.n, hits=counts.hits, excluded=counts.excluded, share=share,
        bound=bound, points=points, weight=term.weight, minimum_n=term.minimum_n, required=term.required,
        worst=term.worst, best=term.best,
    )  # fmt: skip


def points_of(term: Term, bound: float) -> float:
    """The way from worst to best that is covered, of 100, with one decimal."""
    covered = (bound - term.worst) / (term.best - term.worst)
    return round(MOST * min(1.0, max(0.0, covered)), 1)


def stars_of(score: float) -> float:
    """A half for every ten points that are full."""
    return math.floor(score / 10.0) / 2.0


def is_listed(rule: ListRule, stars: Mapping[date, float | None], last: date) -> bool:
    """A month without stars breaks the row. :param stars: of a provider, by month :param last: it ends with this one"""
    row = [stars.get(month_after(last, -n)) for n in range(rule.months)]
    return all(
        one is not None
        and (rule.at_least is None or one >= rule.at_least)
        and (rule.at_most is None or one <= rule.at_most)
        for one in row
    )


def check_appeal(stars: float | None, said_at: datetime, reason: str, now: datetime) -> None:
    """:raises NothingToAppeal: :raises TooLateToAppeal: :raises ReasonNeeded:"""
    if stars is None:
        raise NothingToAppeal
    if now > said_at + APPEAL_WITHIN:
        raise TooLateToAppeal(until=(said_at + APPEAL_WITHIN).isoformat())
    check_reason(reason)


def check_reason(reason: str) -> None:
    """:raises ReasonNeeded:"""
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonNeeded


def months_before(last: date, months: int) -> Sequence[date]:
    """So many up to this one, the newest first."""
    return [month_after(last, -n) for n in range(months)]
