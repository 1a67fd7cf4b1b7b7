"""What stops whom, as bits of one number a worker: read when somebody asks, not written out for a thousand people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

import numpy as np

from dispatch.gates import Gate
from dispatch.kernel.problem import Bools, Floats, Ints

_GATES = tuple(Gate)
_BIT = {gate: 1 << bit for bit, gate in enumerate(_GATES)}


def bits_of(forbidding: Mapping[Gate, Bools]) -> Ints:
    """(…, workers) the gates that forbid it to each, as bits of one number."""
    bits: Ints = np.zeros((), dtype=np.int64)
    for gate, mask in forbidding.items():
        bits = bits + mask * np.int64(_BIT[gate])
    return bits


def bits_for(gates: Iterable[Gate]) -> int:
    return sum(_BIT[gate] for gate in gates)


@cache
def _gates(bits: int) -> tuple[Gate, ...]:
    return tuple(gate for gate in _GATES if bits & _BIT[gate])


class GatesByWorker(Mapping[str, tuple[Gate, ...]]):
    """Worker id → the gates that forbid it; whom none forbids is not in it."""

    def __init__(self, ids: Sequence[str], index: Mapping[str, int], bits: Ints) -> None:
        self._ids, self._index, self._bits = ids, index, bits

    def __getitem__(self, worker_id: str) -> tuple[Gate, ...]:
        bits = int(self._bits[self._index[worker_id]])
        if not bits:
            raise KeyError(worker_id)
        return _gates(bits)

    def __iter__(self) -> Iterator[str]:
        return (self._ids[w] for w in np.flatnonzero(self._bits).tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(self._bits))


class PointsByWorker(Mapping[str, float]):
    """Worker id → points, cheapest first; who has none (inf) is not in it."""

    def __init__(self, ids: Sequence[str], index: Mapping[str, int], points: Floats) -> None:
        self._ids, self._index, self._points = ids, index, points

    def __getitem__(self, worker_id: str) -> float:
        points = float(self._points[self._index[worker_id]])
        if points == np.inf:
            raise KeyError(worker_id)
        return points

    def __iter__(self) -> Iterator[str]:
        order = np.argsort(self._points, kind="stable")
        return (self._ids[w] for w in order[: len(self)].tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(self._points < np.inf))
