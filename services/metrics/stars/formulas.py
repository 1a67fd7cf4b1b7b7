"""The published formula of the stars, and the rules of the lists: data with versions.

Whoever changes one ends it with a month and adds a version from that month on; a test keeps those that were published.
"""

from datetime import date

from services.metrics.stars.model import Formula, ListKind, ListRule, Term

FORMULAS: tuple[Formula, ...] = (
    Formula(
        version=1,
        since=date(2000, 1, 1),
        terms=(
            Term(figure="visits_on_time", weight=35, worst=0.60, best=0.95, minimum_n=30, required=True),
            Term(figure="visits_done", weight=30, worst=0.80, best=0.98, minimum_n=30, required=True),
            Term(figure="visits_missed", weight=15, worst=0.10, best=0.02, minimum_n=30, required=True),
            Term(figure="offers_declined", weight=10, worst=0.30, best=0.05, minimum_n=30),
            Term(figure="continuity", weight=10, worst=0.50, best=0.90, minimum_n=20),
        ),
    ),
)

LIST_RULES: tuple[ListRule, ...] = (
    ListRule(kind=ListKind.INCENTIVE, months=3, at_least=4.5),
    ListRule(kind=ListKind.TALK, months=2, at_most=1.5),
)
"""Who is on a list is told to people who decide: the platform rewards nobody and suspends nobody by itself."""


def formula_of(month: date) -> Formula:
    return next(one for one in FORMULAS if one.since <= month and (one.until is None or month < one.until))
