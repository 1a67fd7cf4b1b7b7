"""Travel times over HTTP, from a router of the city's own (OSRM) or from AMap.

Both keep what they were told, and have one time limit for a whole call, however many requests it takes: a dispatcher
that waits for a map service is worse than one that estimates. Put them behind `FallbackTravel`.
"""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray

from contracts.datum import wgs84_to_gcj02
from dispatch.model import Place, TravelMode
from dispatch.travel.pair_cache import PairCache, Point, point
from dispatch.travel.port import TravelTimes, TravelUnavailable

A_DAY_S = 86_400.0
A_TRAFFIC_QUARTER_S = 900.0


class HttpTravel(ABC):
    """What the two services share: cache, time limit, and one kind of failure."""

    name: str

    def __init__(self, client: httpx.Client, cache: PairCache, time_limit_s: float) -> None:
        self._client = client
        self._cache = cache
        self._time_limit_s = time_limit_s

    def times(
        self,
        origins: Sequence[Place],
        destinations: Sequence[Place],
        modes: Sequence[TravelMode],
        arrive_hours: NDArray[np.float64],
    ) -> TravelTimes:
        deadline = time.monotonic() + self._time_limit_s
        from_points, to_points = [point(place) for place in origins], [point(place) for place in destinations]
        for mode in modes:
            self._ask_for_unknown(from_points, to_points, mode, deadline)
        minutes = np.array(
            [
                [[self._cache.get(mode, origin, destination) for destination in to_points] for origin in from_points]
                for mode in modes
            ],
            dtype=np.float64,
        ).reshape(len(modes), len(from_points), len(to_points))
        if np.isnan(minutes).any():
            raise TravelUnavailable(f"{self.name}: the answer lacks some of the places asked for")
        return TravelTimes(minutes=minutes, source=self.name)

    def _ask_for_unknown(
        self, origins: Sequence[Point], destinations: Sequence[Point], mode: TravelMode, deadline: float
    ) -> None:
        unknown = {
            destination: {origin for origin in origins if self._cache.get(mode, origin, destination) is None}
            for destination in dict.fromkeys(destinations)
        }
        self._ask({to: sorted(froms) for to, froms in unknown.items() if froms}, mode, deadline)

    @abstractmethod
    def _ask(self, unknown: Mapping[Point, Sequence[Point]], mode: TravelMode, deadline: float) -> None:
        """Puts into the cache the minutes of every destination → its origins; TravelUnavailable if it cannot."""

    def _get_json(self, path: str, parameters: Mapping[str, str], deadline: float) -> dict[str, Any]:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TravelUnavailable(f"{self.name}: no complete answer within {self._time_limit_s:g} s")
        try:
            response = self._client.get(path, params=parameters, timeout=left_s)
            response.raise_for_status()
            answer = response.json()
        except httpx.TimeoutException:
            raise TravelUnavailable(f"{self.name}: no answer within {self._time_limit_s:g} s") from None
        except httpx.HTTPStatusError as refused:
            raise TravelUnavailable(f"{self.name}: HTTP {refused.response.status_code}") from None
        except (httpx.HTTPError, ValueError) as broken:
            # Not the exception's text: it holds the address, and that AMap's key.
            raise TravelUnavailable(f"{self.name}: {type(broken).__name__}") from None
        if not isinstance(answer, dict):
            raise TravelUnavailable(f"{self.name}: an answer that is no object")
        return answer


class OsrmTravel(HttpTravel):
    """OSRM's table service (API v1), or anything that speaks it. Knows no rush hours."""

    name = "osrm"
    profiles: Mapping[TravelMode, str] = {
        TravelMode.CAR: "driving",
        TravelMode.EBIKE: "cycling",
        TravelMode.WALK: "walking",
    }
    _BLOCK = 50  # sources and destinations a request; osrm-routed takes 100 places unless told otherwise

    def __init__(self, base_url: str, *, time_limit_s: float = 1.0, client: httpx.Client | None = None) -> None:
        super().__init__(client or httpx.Client(base_url=base_url), PairCache(keep_s=A_DAY_S), time_limit_s)

    def _ask(self, unknown: Mapping[Point, Sequence[Point]], mode: TravelMode, deadline: float) -> None:
        if mode not in self.profiles:
            raise TravelUnavailable(f"{self.name}: no profile for {mode.value}")
        destinations = list(unknown)
        origins = sorted({origin for froms in unknown.values() for origin in froms})
        for i in range(0, len(origins), self._BLOCK):
            for j in range(0, len(destinations), self._BLOCK):
                self._ask_block(
                    origins[i : i + self._BLOCK], destinations[j : j + self._BLOCK], self.profiles[mode], mode, deadline
                )

    def _ask_block(
        self,
        origins: Sequence[Point],
        destinations: Sequence[Point],
        profile: str,
        mode: TravelMode,
        deadline: float,
    ) -> None:
        places = ";".join(f"{lon:.5f},{lat:.5f}" for lat, lon in (*origins, *destinations))
        columns = range(len(origins), len(origins) + len(destinations))
        answer = self._get_json(
            f"/table/v1/{profile}/{places}",
            {
                "sources": ";".join(map(str, range(len(origins)))),
                "destinations": ";".join(map(str, columns)),
                "annotations": "duration",
            },
            deadline,
        )
        if answer.get("code") != "Ok":
            raise TravelUnavailable(f"{self.name}: {answer.get('code', 'no code')}")
        try:
            for origin, row in zip(origins, answer["durations"], strict=True):
                for destination, seconds in zip(destinations, row, strict=True):
                    minutes = math.inf if seconds is None else float(seconds) / 60.0
                    self._cache.put(mode, origin, destination, minutes)
        except (KeyError, TypeError, ValueError):
            raise TravelUnavailable(f"{self.name}: an answer without a table of durations") from None


class AmapTravel(HttpTravel):
    """AMap's distance service (v3/distance), with the traffic of the moment. Speaks GCJ-02; we ask it in GCJ-02."""

    name = "amap"
    types: Mapping[TravelMode, str] = {TravelMode.CAR: "1", TravelMode.WALK: "3"}
    _ORIGINS = 100  # the most a request may name

    def __init__(
        self,
        key: str,
        *,
        base_url: str = "https://restapi.amap.com",
        time_limit_s: float = 1.0,
        client: httpx.Client | None = None,
    ) -> None:
        super().__init__(client or httpx.Client(base_url=base_url), PairCache(keep_s=A_TRAFFIC_QUARTER_S), time_limit_s)
        self._key = key

    def _ask(self, unknown: Mapping[Point, Sequence[Point]], mode: TravelMode, deadline: float) -> None:
        if mode not in self.types:
            raise TravelUnavailable(f"{self.name}: no distances for {mode.value}")
        for destination, origins in unknown.items():
            for i in range(0, len(origins), self._ORIGINS):
                self._ask_destination(origins[i : i + self._ORIGINS], destination, mode, deadline)

    def _ask_destination(self, origins: Sequence[Point], destination: Point, mode: TravelMode, deadline: float) -> None:
        parameters = {
            "key": self._key,
            "origins": "|".join(map(_gcj02, origins)),
            "destination": _gcj02(destination),
            "type": self.types[mode],
            "output": "JSON",
        }
        answer = self._get_json("/v3/distance", parameters, deadline)
        if answer.get("status") != "1":
            raise TravelUnavailable(f"{self.name}: {answer.get('info', 'refused')}")
        try:
            for result in answer["results"]:
                origin = origins[int(result["origin_id"]) - 1]
                # A pair without a way comes with a code and no usable duration.
                minutes = math.inf if "code" in result else float(result["duration"]) / 60.0
                self._cache.put(mode, origin, destination, minutes)
        except (KeyError, TypeError, ValueError, IndexError):
            raise TravelUnavailable(f"{self.name}: an answer without durations") from None


def _gcj02(wgs84: Point) -> str:
    lat, lon = wgs84_to_gcj02(*wgs84)
    return f"{lon:.6f},{lat:.6f}"
