"""Vehicle routing with time windows: reading instances (VRPLIB and Solomon's format) and `.sol` files, and the three
ways in which the literature counts a distance."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vrplib.parse import parse_solomon, parse_vrplib

from dispatch.reading import UnreadableFile, read_text

Floats = NDArray[np.float64]
Routes = tuple[tuple[int, ...], ...]
"""Customers 1..n in order of service, one tuple per used vehicle; the depot is 0."""


class Convention(StrEnum):
    EXACT = "exact"  # full precision: Solomon, Gehring and Homberger
    DIMACS = "dimacs"  # cut after one decimal: the 12th DIMACS challenge, and CVRPLIB after it
    ROUNDED = "rounded"  # to whole units: TSPLIB's EUC_2D

    def of(self, distances: Floats) -> Floats:
        match self:
            case Convention.EXACT:
                return distances
            case Convention.DIMACS:
                return np.floor(10 * distances + 1e-9) / 10
            case Convention.ROUNDED:
                return np.rint(distances)


@dataclass(frozen=True, slots=True)
class Instance:
    """Rows 0 = depot, 1..n = customers. Times and distances in the file's one unit."""

    name: str
    vehicles: int
    capacity: float
    place: Floats
    demand: Floats
    opens: Floats
    closes: Floats
    service: Floats
    distance: Floats
    """(n + 1, n + 1), unrounded."""

    @property
    def customers(self) -> int:
        return len(self.demand) - 1


@dataclass(frozen=True, slots=True)
class Reference:
    """What a `.sol` file says."""

    routes: Routes
    cost: float
    decimals: int
    """Of the cost as written."""


def read_instance(path: Path) -> Instance:
    """:raises UnreadableFile: with what is missing or cannot be."""
    text = read_text(path)
    solomon = re.search(r"^\s*CUST(OMER)?\b", text, re.MULTILINE) is not None
    try:
        instance = _instance(path.stem, parse_solomon(text) if solomon else parse_vrplib(text))
    except KeyError as missing:
        raise UnreadableFile(f"{path}: {missing} is missing. Add this section, or name another file.") from None
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        raise UnreadableFile(
            f"{path}: this is neither a VRPLIB nor a Solomon file ({error}). Name an instance with time windows."
        ) from None
    for wrong in _impossible(instance):
        raise UnreadableFile(f"{path}: {wrong}. Correct this, or name another file.")
    return instance


def _instance(name: str, table: dict[str, Any]) -> Instance:
    size = len(table["demand"])
    windows = np.asarray(table.get("time_window", [[0, np.inf]] * size), np.float64)
    service = np.broadcast_to(np.asarray(table.get("service_time", 0.0), np.float64), (size,)).copy()
    service[0] = 0.0
    return Instance(
        name=name,
        vehicles=int(table.get("vehicles", size - 1)),
        capacity=float(table["capacity"]),
        place=np.asarray(table.get("node_coord", np.zeros((size, 2))), np.float64),
        demand=np.asarray(table["demand"], np.float64),
        opens=windows[:, 0],
        closes=windows[:, 1],
        service=service,
        distance=np.asarray(table["edge_weight"], np.float64),
    )


def _impossible(instance: Instance) -> Iterator[str]:
    size = len(instance.demand)
    columns = {"demand": instance.demand, "service time": instance.service, "opening time": instance.opens}
    if instance.distance.shape != (size, size):
        rows, columns_ = instance.distance.shape
        yield f"the distances are {rows} × {columns_}, needed are {size} × {size}"
    elif not (np.isfinite(instance.distance) & (instance.distance >= 0)).all():
        yield "a distance is negative or no number"
    if len(instance.place) != size or len(instance.opens) != size:
        yield f"{size} demands, {len(instance.place)} places and {len(instance.opens)} time windows do not fit together"
    for name, values in columns.items():
        for row in np.flatnonzero(~(np.isfinite(values) & (values >= 0))):
            yield f"the {name} of customer {row} is negative or no number"
    for row in np.flatnonzero(~(instance.closes[: len(instance.opens)] >= instance.opens)):
        yield f"the time window of customer {row} ends before it begins"
    if not (instance.capacity > 0 and instance.vehicles > 0):
        yield "the capacity and the number of vehicles must be above 0"


def read_reference(path: Path, customers: int) -> Reference:
    """:raises UnreadableFile: with the line."""
    text = read_text(path)
    routes = []
    for line, route in enumerate(text.splitlines(), start=1):
        if found := re.match(r"\s*route\s*#?\s*\d+\s*:?(.*)$", route, re.IGNORECASE):
            if any(not stop.isdecimal() or not 0 < int(stop) <= customers for stop in found[1].split()):
                raise UnreadableFile(f"{path}, line {line}: a route names customers, 1 to {customers}. Correct it.")
            routes.append(tuple(int(stop) for stop in found[1].split()))
    cost = re.search(r"^\s*cost\s*:?\s*(\d+(?:\.(\d+))?)", text, re.IGNORECASE | re.MULTILINE)
    if cost is None:
        raise UnreadableFile(f"{path} states no cost. Add a line like: Cost 827.3")
    return Reference(routes=tuple(routes), cost=float(cost[1]), decimals=len(cost[2] or ""))


def sol_text(routes: Routes, cost: float) -> str:
    lines = [f"Route #{number}: {' '.join(map(str, route))}" for number, route in enumerate(routes, start=1)]
    return "\n".join([*lines, f"Cost {cost:.2f}".removesuffix(".00"), ""])


def length(routes: Routes, distance: Floats) -> float:
    stops = [(0, *route, 0) for route in routes if route]
    return float(sum(distance[list(stop[:-1]), list(stop[1:])].sum() for stop in stops))


def fitting(instance: Instance, reference: Reference) -> Convention | None:
    """The convention in which the reference's routes cost what it says; None when there is none."""
    off = {each: abs(length(reference.routes, each.of(instance.distance)) - reference.cost) for each in Convention}
    best = min(off, key=lambda each: off[each])
    return best if off[best] <= 0.51 * 10.0**-reference.decimals + 1e-6 else None
