"""The wanted source while it answers, the sure one when it does not, and never silently."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dispatch.model import Place, TravelMode
from dispatch.travel.port import Travel, TravelTimes, TravelUnavailable


class FallbackTravel:
    def __init__(self, wanted: Travel, sure: Travel) -> None:
        self._wanted = wanted
        self._sure = sure
        self.fallbacks = 0
        """How often the sure one had to answer: for a metric."""

    def times(
        self,
        origins: Sequence[Place],
        destinations: Sequence[Place],
        modes: Sequence[TravelMode],
        arrive_hours: NDArray[np.float64],
    ) -> TravelTimes:
        try:
            return self._wanted.times(origins, destinations, modes, arrive_hours)
        except TravelUnavailable as unavailable:
            self.fallbacks += 1
            sure = self._sure.times(origins, destinations, modes, arrive_hours)
            return replace(sure, fallback_reason=str(unavailable))
