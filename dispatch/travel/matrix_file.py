"""Travel times somebody computed beforehand, as a CSV file: docs/dispatch-file-formats.md."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dispatch.model import Place, TravelMode
from dispatch.reading import UnreadableFile, read_text
from dispatch.travel.port import TravelTimes, TravelUnavailable

_HEADER = ("mode", "from", "to", "minutes")


class MatrixFileTravel:
    """Rows `mode,from,to,minutes`; a place to itself is 0. A pair that is not in the file makes it unavailable."""

    def __init__(self, path: Path) -> None:
        """:raises UnreadableFile: with the line."""
        self._source = f"matrix {path.name}"
        self._minutes: dict[tuple[str, str, str], float] = {}
        rows = csv.DictReader(read_text(path).splitlines())
        if not set(_HEADER) <= set(rows.fieldnames or ()):
            raise UnreadableFile(f"{path}, line 1: the header is missing. Begin the file with: {','.join(_HEADER)}")
        for line, row in enumerate(rows, start=2):
            try:
                minutes = float(row["minutes"])
                self._minutes[row["mode"], row["from"], row["to"]] = minutes
            except (TypeError, ValueError):
                raise UnreadableFile(f"{path}, line {line}: minutes is no number. Correct it.") from None
            if not 0 <= minutes < math.inf:
                raise UnreadableFile(f"{path}, line {line}: minutes are 0 or more, not {row['minutes']}. Correct it.")

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
