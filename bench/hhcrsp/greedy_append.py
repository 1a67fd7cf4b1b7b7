"""The baseline: patients in the order their windows open, each service appended to the nearest route in place and time.

No search, no insertion between visits: what a dispatcher with a list and a map does.
"""

from itertools import product

from dispatch.kernel.problem import Problem, Routes

LATE_FACTOR = 3
"""A late minute makes the following visits late too; of 1, 3 and the bare start time, 3 made the best plans."""


def greedy_append(problem: Problem) -> Routes:
    """For problems of one mode of travel, without hard times, absences and frozen visits."""
    day = _Day(problem)
    partner = dict(zip(problem.pairs.first.tolist(), range(len(problem.pairs.first)), strict=True))
    seconds = set(problem.pairs.second.tolist())
    for visit in sorted(range(len(problem.visits.location)), key=lambda v: float(problem.visits.earliest[v])):
        if visit in partner:
            day.append_pair(visit, partner[visit])
        elif visit not in seconds:
            day.append_single(visit)
    return tuple(tuple(route) for route in day.routes)


class _Day:
    def __init__(self, problem: Problem) -> None:
        workers = problem.workers
        self.problem = problem
        self.routes: list[list[int]] = [[] for _ in workers.mode]
        self.free_at = [float(ready) for ready in workers.shift_start]
        self.here = [int(place) for place in workers.start_location]
        self.travel = problem.travel[0].tolist()

    def append_single(self, visit: int) -> None:
        worker = min(self._able(visit), key=lambda w: self._price(visit, w, self._ready(visit, w)))
        self._append(visit, worker, self._ready(visit, worker))

    def append_pair(self, visit: int, pair: int) -> None:
        other = int(self.problem.pairs.second[pair])

        def price(workers: tuple[int, int]) -> float:
            start, then = self._starts(visit, other, pair, workers)
            return self._price(visit, workers[0], start) + self._price(other, workers[1], then)

        choices = [each for each in product(self._able(visit), self._able(other)) if each[0] != each[1]]
        best = min(choices, key=price)
        start, then = self._starts(visit, other, pair, best)
        self._append(visit, best[0], start)
        self._append(other, best[1], then)

    def _able(self, visit: int) -> list[int]:
        return [worker for worker in range(len(self.routes)) if self.problem.eligible[visit, worker]]

    def _ready(self, visit: int, worker: int) -> float:
        there = float(self.travel[self.here[worker]][self.problem.visits.location[visit]])
        return max(float(self.problem.visits.earliest[visit]), self.free_at[worker] + there)

    def _starts(self, visit: int, other: int, pair: int, workers: tuple[int, int]) -> tuple[float, float]:
        low, high = float(self.problem.pairs.min_gap[pair]), float(self.problem.pairs.max_gap[pair])
        then = self._ready(other, workers[1])
        start = max(self._ready(visit, workers[0]), then - high)
        return start, max(then, start + low)

    def _price(self, visit: int, worker: int, start: float) -> float:
        leg = self.travel[self.here[worker]][self.problem.visits.location[visit]]
        return float(leg + LATE_FACTOR * max(0.0, start - float(self.problem.visits.due[visit])))

    def _append(self, visit: int, worker: int, start: float) -> None:
        self.routes[worker].append(visit)
        self.free_at[worker] = start + float(self.problem.visits.duration[visit])
        self.here[worker] = int(self.problem.visits.location[visit])
