"""Who usually comes to the visits of a series, and when: whoever does most of them, and the hour most of them keep.

Counted this way, what one date adds is known exactly once the others stand: a visit by one of those who already do
most costs nothing, any other is one change more. So a search of one date sees the price the whole horizon pays.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from dispatch.week.model import Horizon, Series


@dataclass(slots=True)
class Occurrences:
    """The visits of one series that are planned, or have been."""

    workers: Counter[str] = field(default_factory=Counter)
    starts_min: list[float] = field(default_factory=list)
    together: int = 1
    """How many workers come at once."""

    def add(self, worker_ids: Sequence[str], start_min: float) -> None:
        self.workers.update(worker_ids)
        self.starts_min.append(start_min)
        self.together = max(self.together, len(worker_ids))

    def usual_workers(self) -> frozenset[str]:
        """Whoever does most; all of them where several do as much. Two for visits by two."""
        counts = sorted(self.workers.values(), reverse=True)
        if not counts:
            return frozenset()
        enough = counts[min(self.together, len(counts)) - 1]
        return frozenset(worker_id for worker_id, count in self.workers.items() if count >= enough)

    def mainly(self) -> tuple[str, ...]:
        """As many of the usual workers as come at once; by id where several do as much."""
        most = sorted(self.workers, key=lambda worker_id: (-self.workers[worker_id], worker_id))
        return tuple(most[: self.together])

    def usual_start_min(self, tolerance_min: float) -> float | None:
        """The middle of those that lie within ± the tolerance of one hour, of which there are most; the earlier hour
        where two are as good. None = no visit yet."""
        most = _most_together(sorted(self.starts_min), 2.0 * tolerance_min)
        return (most[0] + most[-1]) / 2.0 if most else None

    def other_workers(self) -> int:
        """Visits by somebody else than who does most."""
        counts = sorted(self.workers.values(), reverse=True)
        return sum(counts) - sum(counts[: self.together])

    def other_hours(self, tolerance_min: float) -> int:
        return len(self.starts_min) - len(_most_together(sorted(self.starts_min), 2.0 * tolerance_min))


def _most_together(starts_min: list[float], width_min: float) -> list[float]:
    """`starts_min` in order. The largest run of them that is no wider than that."""
    best: list[float] = []
    for at, first in enumerate(starts_min):
        run = starts_min[at : bisect_right(starts_min, first + width_min + 1e-9)]
        if len(run) > len(best):
            best = run
    return best


def occurrences(horizon: Horizon, *, without: int | None = None) -> dict[str, Occurrences]:
    """Series id → its visits, past and planned, but those of agenda `without`."""
    found = {series.id: _past(series) for series in horizon.series}
    for at, agenda in enumerate(horizon.agendas):
        if at == without:
            continue
        placed = agenda.plan.placed()
        for order in agenda.orders:
            if order.series_id in found and order.visits[0].id in placed:
                workers = [placed[visit.id][0] for visit in order.visits if visit.id in placed]
                found[order.series_id].add(workers, placed[order.visits[0].id][1].start_min)
    return found


def _past(series: Series) -> Occurrences:
    seen = Occurrences(together=len(series.order.visits))
    for past in series.past:
        seen.add(past.worker_ids, past.start_min)
    return seen
