"""From counts to figures. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from services.metrics.model import Counts, Definition, Figure, FigureUnit, Target

GROWTH = 1.02
"""A bucket of durations ends 2 % later than it begins; its middle is within 1 % of each in it."""
Z95 = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


def bucket_of(seconds: float) -> int:
    """1 for all up to a second. The same in SQL: `counting.BUCKET`."""
    return math.floor(math.log(max(seconds, 1.0)) / math.log(GROWTH)) + 1


def middle_of(bucket: int) -> float:
    """Seconds, the geometric middle: off by the same share from both ends."""
    return math.exp((bucket - 0.5) * math.log(GROWTH))


def quantile(buckets: Sequence[tuple[int, int]], q: float) -> float | None:
    """Seconds; of the buckets in order the one in which the ⌈q·n⌉-th lies. None: there is nothing."""
    total = sum(count for _, count in buckets)
    rank, passed = max(1, math.ceil(q * total - 1e-9)), 0
    for bucket, count in buckets:
        passed += count
        if passed >= rank:
            return middle_of(bucket)
    return None


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Interval for a share, 95 %. Source: E. B. Wilson, JASA 22 (1927), 209–212."""
    if n <= 0:
        return 0.0, 1.0
    share, square = hits / n, Z95 * Z95
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z95 * math.sqrt(max(0.0, share * (1 - share)) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def added(parts: Iterable[Counts]) -> Counts:
    n = hits = excluded = 0
    buckets: dict[int, int] = {}
    for part in parts:
        n, hits, excluded = n + part.n, hits + part.hits, excluded + part.excluded
        for bucket, count in part.buckets:
            buckets[bucket] = buckets.get(bucket, 0) + count
    return Counts(n=n, hits=hits, excluded=excluded, buckets=tuple(sorted(buckets.items())))


def figure_of(definition: Definition, counts: Counts) -> Figure:
    few = counts.n < definition.minimum_n
    said = Figure(
        n=counts.n, hits=counts.hits, excluded=counts.excluded, too_few=few,
        share=None, low=None, high=None, median_s=None, p95_s=None, meets_target=None,
    )  # fmt: skip
    if few:
        return said
    target = definition.target
    if definition.unit is FigureUnit.SECONDS:
        median, p95 = quantile(counts.buckets, 0.5), quantile(counts.buckets, 0.95)
        kept = quantile(counts.buckets, target.quantile or 0.5) if target else None
        return replace(said, median_s=median, p95_s=p95, meets_target=_meets(kept, target))
    share, (low, high) = counts.hits / counts.n, wilson(counts.hits, counts.n)
    return replace(said, share=share, low=low, high=high, meets_target=_meets(share, target))


def _meets(value: float | None, target: Target | None) -> bool | None:
    if value is None or target is None:
        return None
    return value >= target.value if target.at_least else value <= target.value


def valid_on(definitions: Iterable[Definition], day: date) -> dict[str, Definition]:
    """Of each figure the version that holds on this day."""
    return {one.id: one for one in definitions if one.since <= day and (one.until is None or day < one.until)}


def month_of(day: date) -> date:
    return day.replace(day=1)


def month_after(month: date, months: int = 1) -> date:
    """Negative: before."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
