"""A day of meals as the arrays of the search, and a plan of the search as runs."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np

from dispatch.kernel.problem import Floats, Ints
from dispatch.kernel.runs import ROW_CODES, RunData, RunState, empty_rows
from dispatch.meals.model import MealDay, MealPolicy, Run
from dispatch.meals.stretches import Stretch, stretches
from dispatch.model import Place, TravelMode
from dispatch.travel.port import Travel

NO_GOAL = -1
FAR_MIN = 120.0
"""No kitchen counts as farther, not even one to which there is no way."""
T = TypeVar("T")


class MealFormulation:
    def __init__(self, day: MealDay, policy: MealPolicy, travel: Travel, *, until_min: float = np.inf) -> None:
        """Stretches that begin after `until_min` are left out."""
        self.day, self.policy, self._travel = day, policy, travel
        self.stretches: list[Stretch] = [
            stretch
            for carrier in day.carriers
            for stretch in stretches(carrier, day.now_min, policy)
            if stretch.free_min <= until_min
        ]
        self._rows: dict[str, list[int]] = {}
        for w, stretch in enumerate(self.stretches):
            self._rows.setdefault(stretch.carrier.id, []).append(w)
        wanted = {order.kitchen_id for order in day.orders}
        self._kitchens = [kitchen for kitchen in day.kitchens if kitchen.id in wanted]
        self._modes = sorted({stretch.carrier.mode for stretch in self.stretches})
        self._goals = list(dict.fromkeys(stretch.goal for stretch in self.stretches if stretch.goal is not None))
        self.data = self._data()

    def _minutes(self, origins: Sequence[Place], destinations: Sequence[Place], modes: Sequence[TravelMode]) -> Floats:
        hours = np.full(len(destinations), self.day.now_min / 60.0)
        minutes = self._travel.times(origins, destinations, modes, hours).minutes
        return np.array(minutes, np.float64, order="C")  # of one kind whoever answers: compiled code is per kind

    def _data(self) -> RunData:
        orders, rows, policy = self.day.orders, self.stretches, self.policy
        homes, kitchens = [order.place for order in orders], [kitchen.place for kitchen in self._kitchens]
        number = {kitchen.id: k for k, kitchen in enumerate(self._kitchens)}
        kitchen = np.array([number[order.kitchen_id] for order in orders], np.int64)
        mode = np.array([self._modes.index(row.carrier.mode) for row in rows], np.int64)
        out = self._minutes([row.place for row in rows], kitchens, self._modes)[mode, np.arange(len(rows))]
        back = self._minutes(homes, kitchens, self._modes)
        free = _column(rows, lambda row: row.free_min)
        ready = _column(orders, lambda order: order.ready_min)
        by_kitchen = np.argsort(kitchen, kind="stable")
        return RunData(
            kitchen=kitchen,
            ready=ready,
            due=_column(orders, lambda order: order.due_min),
            grave=_column(orders, lambda order: order.grave_min),
            spoilt=_column(orders, lambda order: order.ready_min + order.fresh_min),
            size=_column(orders, lambda order: order.portions),
            skip=np.full(len(orders), float(policy.unserved_points)),
            free=free,
            last_pickup=_column(rows, lambda row: row.last_pickup_min),
            until=_column(rows, lambda row: row.until_min),
            goal=np.array([NO_GOAL if r.goal is None else self._goals.index(r.goal) for r in rows], np.int64),
            box=_column(rows, lambda row: row.carrier.box_portions),
            mode=mode,
            leaving=-policy.remote_points_per_min * _mean_min(out, kitchen),
            staying=policy.remote_points_per_min * _mean_min(back, kitchen),
            out=np.ascontiguousarray(out),
            back=back,
            first=self._first(kitchen, homes, kitchens),
            between=self._minutes(homes, homes, self._modes),
            onward=np.pad(self._minutes(homes, self._goals, self._modes), ((0, 0), (0, 0), (0, 1))),
            near=np.argsort(free[:, None] + out, axis=0, kind="stable").T.copy(),
            of_kitchen=by_kitchen,
            kitchen_at=np.searchsorted(kitchen[by_kitchen], np.arange(len(kitchens) + 1)),
            half_pickup=float(policy.pickup_min / 2),
            half_dropoff=float(policy.dropoff_min / 2),
            late=float(policy.late_points),
            grave_per_min=float(policy.grave_points_per_min),
            work_per_min=float(policy.work_points_per_min),
        )

    def _first(self, kitchen: Ints, homes: Sequence[Place], kitchens: Sequence[Place]) -> Floats:
        return np.ascontiguousarray(self._minutes(kitchens, homes, self._modes)[:, kitchen, np.arange(len(homes))])

    def state(self, seed: int) -> RunState:
        """The planned runs of the day in their rows; all other orders in none."""
        state = empty_rows(stretches=len(self.stretches), orders=len(self.day.orders), seed=seed)
        number = {order.id: v for v, order in enumerate(self.day.orders)}
        for run in self.day.runs:
            row, left = self._row_of(run), [number[it] for it in run.order_ids if it in number]
            if row is not None and state.length[row] + len(left) <= ROW_CODES:
                for at, v in enumerate(left):
                    state.codes[row, state.length[row]] = v << 1 | (at == 0)
                    state.length[row] += 1
                    state.row[v] = row
        return state

    def _row_of(self, run: Run) -> int | None:
        """The carrier's last stretch that begins before the run does; the next one for a run that should have begun."""
        rows = self._rows.get(run.carrier_id, [])
        begun = [w for w in rows if self.stretches[w].free_min <= run.leave_min]
        return next(iter(begun[-1:] or rows), None)

    def runs(self, codes: Ints, count: Ints) -> tuple[Run, ...]:
        return tuple(run for w in range(len(self.stretches)) for run in self.runs_of(w, codes[w, : count[w]].tolist()))

    def runs_of(self, w: int, codes: Sequence[int]) -> list[Run]:
        begins = [at for at, code in enumerate(codes) if code & 1] + [len(codes)]
        runs: list[Run] = []
        free_min, here = self.stretches[w].free_min, -1
        for start, end in pairwise(begins):
            run, here = self._timed(w, [code >> 1 for code in codes[start:end]], free_min, here)
            free_min = run.end_min
            runs.append(run)
        return runs

    def _timed(self, w: int, orders: Sequence[int], free_min: float, here: int) -> tuple[Run, int]:
        """As late as it can leave without being later anywhere."""
        d, g = self.data, self.data.mode[w]
        kitchen = d.kitchen[orders[0]]
        way_min = float(d.out[w, kitchen] if here < 0 else d.back[g, here, kitchen])
        pickup_min = max(free_min + way_min + d.half_pickup, *(float(d.ready[v]) for v in orders))
        t, doors = pickup_min + d.half_pickup, []
        for at, v in enumerate(orders):
            leg = float(d.first[g, v] if at == 0 else d.between[g, orders[at - 1], v])
            doors.append(t + leg + d.half_dropoff)
            t = doors[-1] + d.half_dropoff
        return Run(
            carrier_id=self.stretches[w].carrier.id,
            order_ids=tuple(self.day.orders[v].id for v in orders),
            leave_min=max(free_min, pickup_min - d.half_pickup - way_min),
            pickup_min=pickup_min,
            door_min=tuple(doors),
            end_min=t,
        ), orders[-1]


def _mean_min(ways: Floats, kitchen: Ints) -> Floats:
    """To the kitchens of all orders."""
    total: Floats = np.minimum(ways, FAR_MIN)[..., kitchen].sum(axis=-1)
    return total / max(1, len(kitchen))


def _column(items: Sequence[T], value: Callable[[T], float]) -> Floats:
    return np.array([value(item) for item in items], np.float64)
