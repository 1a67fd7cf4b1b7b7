"""The port: whoever can tell travel times."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dispatch.model import Place, TravelMode


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelTimes:
    minutes: NDArray[np.float64]
    """(modes, origins, destinations); inf = cannot be reached."""
    source: str
    """Who said so, for the explanation: `great circle`, `matrix FILE`, `osrm`, `amap`."""
    fallback_reason: str = ""
    """Why the wanted source was not used; "" = it was."""


class TravelUnavailable(Exception):
    """The source cannot answer (now, or for these places). Its text names the reason in plain words."""


class Travel(Protocol):
    def times(
        self,
        origins: Sequence[Place],
        destinations: Sequence[Place],
        modes: Sequence[TravelMode],
        arrive_hours: NDArray[np.float64],
    ) -> TravelTimes:
        """Minutes between all pairs by each means of travel. `arrive_hours` (destinations,) is the hour of day (0–24)
        around which each destination is reached, for sources that know rush hours. TravelUnavailable if the source
        cannot answer."""
        ...
