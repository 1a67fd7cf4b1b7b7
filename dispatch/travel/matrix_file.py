"""Travel times somebody computed beforehand, as a CSV file: docs/dispatch-file-formats.md."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dispatch.model import Place, TravelMode
from dispatch.travel.port import TravelTimes, TravelUnavailable


class MatrixFileTravel:
    """Rows `mode,from,to,minutes`; a place to itself is 0. A pair that is not in the file makes it unavailable."""

    def __init__(self, path: Path) -> None:
        """OSError if it cannot be read, ValueError naming the line if it is not such a file."""
        self._source = f"matrix {path.name}"
        self._minutes: dict[tuple[str, str, str], float] = {}
        with path.open(newline="", encoding="utf-8") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                try:
                    self._minutes[row["mode"], row["from"], row["to"]] = float(row["minutes"])
                except (KeyError, TypeError, ValueError):
                    raise ValueError(f"{path.name}, line {line}: needs mode, from, to and minutes") from None

    def times(
        self,
        origins: Sequence[Place],
        destinations: Sequence[Place],
        modes: Sequence[TravelMode],
        arrive_hours: NDArray[np.float64],
    ) -> TravelTimes:
        minutes = [
            [[self._between(mode, origin.id, destination.id) for destination in destinations] for origin in origins]
            for mode in modes
        ]
        shape = (len(modes), len(origins), len(destinations))
        return TravelTimes(minutes=np.array(minutes, dtype=np.float64).reshape(shape), source=self._source)

    def _between(self, mode: TravelMode, origin: str, destination: str) -> float:
        if origin == destination:
            return 0.0
        try:
            return self._minutes[mode.value, origin, destination]
        except KeyError:
            raise TravelUnavailable(f"{self._source}: no row for {mode.value} {origin} → {destination}") from None
