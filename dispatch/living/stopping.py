"""What stops whom from an order: of everybody what is seen at a glance, of some everything.

A close look costs a hundred times a glance. But one worker (for a pair two) for whom nothing but what is planned is in
the way is enough to know the reason of a refusal, so it takes close looks only until one is found.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from dispatch.gates import Gate
from dispatch.insertion import DEPEND_ON_PLAN, why_not
from dispatch.kernel.problem import Bools
from dispatch.living.looks import Look
from dispatch.living.reasons import GatesByWorker, bits_for
from dispatch.living.search import Seen
from dispatch.proposal import RefusalReason, Stopped

_PLAN = bits_for(DEPEND_ON_PLAN)
_NO_ROOM, _IN_STEP = bits_for((Gate.NO_ROOM,)), bits_for((Gate.IN_STEP,))
_OF_THE_WHOLE = bits_for((Gate.REFUSED, Gate.GROUP, Gate.IN_STEP))
"""What a part of the day does not know, or knows otherwise."""


class Stopping:
    def __init__(self, looks: Sequence[Look], ids: Sequence[str], index: Mapping[str, int]) -> None:
        """At a glance. `ids`: of the workers, whose places in it `index` has."""
        self._ids, self._index = ids, index
        self._visits = [look.task.id for look in looks]
        self._codes = np.array([look.stopped for look in looks])
        self._free = np.zeros(self._codes.shape, dtype=np.bool_)
        """(visits, workers) has a place for this visit alone, for certain."""
        self.closely: Bools = np.zeros(len(ids), dtype=np.bool_)

    def see(self, seen: Seen) -> None:
        """Which of these have a place for one visit alone."""
        rows = list(seen.rows)
        for codes, free, visit_id in zip(self._codes, self._free, self._visits, strict=True):
            having = seen.having_place(visit_id)
            if having is not None:
                free[rows] = [row in having and not codes[row] for row in rows]
                codes[rows] = np.where(free[rows] | (codes[rows] != 0), codes[rows], _NO_ROOM)

    def tell(self, seen: Seen, stopped: Stopped) -> None:
        """What a look has to say of its workers."""
        rows = list(seen.rows)
        for codes, visit_id in zip(self._codes, self._visits, strict=True):
            gates = stopped.get(visit_id)
            if gates is not None:  # the first visit of a pair alone says nothing about the second
                named = [bits_for(gates.get(self._ids[row], ())) & ~_OF_THE_WHOLE for row in rows]
                codes[rows] = named | (codes[rows] & _OF_THE_WHOLE)

    def look_closely(self, seen: Seen) -> None:
        self.tell(seen, seen.in_full())
        self.see(seen)
        self.closely[list(seen.rows)] = True

    @property
    def able(self) -> Bools:
        """(visits, workers) whom perhaps nothing stops but what is planned."""
        able: Bools = (self._codes & ~_PLAN) == 0
        return able

    def is_certain(self) -> bool:
        """Would it change neither the reason nor who is out of step if more workers were looked at closely?"""
        enough = _all_have_somebody(self.able & self.closely)
        settled = _each_has_somebody(self._free) or not _each_has_somebody(self._codes == 0)
        return enough and (len(self._visits) == 1 or settled)

    def reason(self) -> RefusalReason:
        return why_not([np.flatnonzero(able).tolist() for able in self.able])

    def by_visit(self, *, refused: bool) -> Stopped:
        """`refused`: nobody takes it. If each visit of a pair has somebody, they are not free at the right moments."""
        codes = self._codes
        if refused and len(codes) > 1 and _each_has_somebody(self._free):
            codes = np.where(codes == 0, _IN_STEP, codes)
        return {
            visit_id: GatesByWorker(self._ids, self._index, bits)
            for visit_id, bits in zip(self._visits, codes, strict=True)
        }


def _each_has_somebody(who: Bools) -> bool:
    """(visits, workers)"""
    return bool(who.any(axis=1).all())


def _all_have_somebody(who: Bools) -> bool:
    """(visits, workers): each visit, and they are not all the same one."""
    return _each_has_somebody(who) and int(who.any(axis=0).sum()) >= len(who)
