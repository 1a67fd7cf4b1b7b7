"""Vehicle routing with time windows: reading instances (VRPLIB and Solomon's format) and `.sol` files, and the three
ways in which the literature counts a distance."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import vrplib
from numpy.typing import NDArray

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
    """ValueError says what is missing."""
    solomon = re.search(r"^\s*CUST(OMER)?\b", path.read_text(), re.MULTILINE) is not None
    try:
        table = vrplib.read_instance(path, instance_format="solomon" if solomon else "vrplib")
    except (RuntimeError, ValueError, IndexError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is neither a VRPLIB nor a Solomon file: {error}") from None
    if missing := [key for key in ("edge_weight", "demand", "capacity") if key not in table]:
        raise ValueError(f"{path.name}: no {', '.join(missing)}")
    size = len(table["demand"])
    windows = np.asarray(table.get("time_window", [[0, np.inf]] * size), np.float64)
    service = np.broadcast_to(np.asarray(table.get("service_time", 0.0), np.float64), (size,)).copy()
    service[0] = 0.0
    return Instance(
        name=path.stem,
        vehicles=int(table.get("vehicles", size - 1)),
        capacity=float(table["capacity"]),
        place=np.asarray(table.get("node_coord", np.zeros((size, 2))), np.float64),
        demand=np.asarray(table["demand"], np.float64),
        opens=windows[:, 0],
        closes=windows[:, 1],
        service=service,
        distance=np.asarray(table["edge_weight"], np.float64),
    )


def read_reference(path: Path) -> Reference:
    text = path.read_text()
    routes = re.findall(r"^\s*route\s*#?\s*\d+\s*:?(.*)$", text, re.IGNORECASE | re.MULTILINE)
    cost = re.search(r"^\s*cost\s*:?\s*(\d+(?:\.(\d+))?)", text, re.IGNORECASE | re.MULTILINE)
    if cost is None:
        raise ValueError(f"{path.name} states no cost")
    return Reference(
        routes=tuple(tuple(int(number) for number in line.split()) for line in routes),
        cost=float(cost[1]),
        decimals=len(cost[2] or ""),
    )


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
