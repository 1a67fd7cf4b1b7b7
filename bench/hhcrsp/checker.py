"""Is this a solution of that instance, and what does it cost? Written from the published rules alone: it reads the two
files and imports nothing of the solver.

`python -m bench.hhcrsp.checker INSTANCE SOLUTION` prints the cost, or every broken rule.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.hhcrsp.documents import read_document, read_solution
from bench.program import run

TOLERANCE_MIN = 1e-6


@dataclass(frozen=True, slots=True)
class Verdict:
    broken: tuple[str, ...]
    """Every broken rule in words; empty = a solution."""
    distance: float
    total_tardiness: float
    largest_tardiness: float

    @property
    def cost(self) -> float:
        return (self.distance + self.total_tardiness + self.largest_tardiness) / 3


def check(instance: dict[str, Any], solution: dict[str, Any]) -> Verdict:
    patients = {patient["id"]: patient for patient in instance["patients"]}
    places = {patient["id"]: row for row, patient in enumerate(instance["patients"], start=1)}
    broken = [*_crew(instance, solution), *_served(patients, solution)]
    distance = 0.0
    for route in solution["routes"]:
        broken += _route(instance, patients, places, route)
        stops = [0, *(places[stop["patient"]] for stop in route["locations"] if stop["patient"] in places), 0]
        distance += sum(instance["distances"][a][b] for a, b in pairwise(stops))
    broken += _together(patients, solution)
    late = [
        max(0.0, stop["arrival_time"] - patients[stop["patient"]]["time_window"][1])
        for route in solution["routes"]
        for stop in route["locations"]
        if stop["patient"] in patients
    ]
    return Verdict(tuple(broken), distance, sum(late), max(late, default=0.0))


def _crew(instance: dict[str, Any], solution: dict[str, Any]) -> Iterator[str]:
    listed = Counter(route["caregiver_id"] for route in solution["routes"])
    known = {caregiver["id"] for caregiver in instance["caregivers"]}
    yield from (f"{caregiver} has {count} routes" for caregiver, count in listed.items() if count > 1)
    yield from (f"{caregiver} is no caregiver" for caregiver in sorted(listed.keys() - known))
    yield from (f"{caregiver} has no route" for caregiver in sorted(known - listed.keys()))


def _served(patients: dict[str, Any], solution: dict[str, Any]) -> Iterator[str]:
    wanted = Counter((name, need["service"]) for name, patient in patients.items() for need in _needs(patient))
    given = Counter((stop["patient"], stop["service"]) for route in solution["routes"] for stop in route["locations"])
    for (patient, service), count in (wanted - given).items():
        yield f"{service} of {patient} is missing {count} times"
    for (patient, service), count in (given - wanted).items():
        yield f"{service} of {patient} is served {count} times too often"


def _needs(patient: dict[str, Any]) -> list[dict[str, Any]]:
    needs: list[dict[str, Any]] = patient["required_caregivers"]
    return needs


def _route(
    instance: dict[str, Any], patients: dict[str, Any], places: dict[str, int], route: dict[str, Any]
) -> Iterator[str]:
    """Abilities, windows, durations and travel of one caregiver."""
    name = route["caregiver_id"]
    able = next((set(c["abilities"]) for c in instance["caregivers"] if c["id"] == name), set())
    usual = {service["id"]: service.get("default_duration") for service in instance["services"]}
    here, free_at = 0, 0.0
    for stop in route["locations"]:
        patient = patients.get(stop["patient"])
        need = next((n for n in _needs(patient) if n["service"] == stop["service"]), None) if patient else None
        if patient is None or need is None:
            continue  # told by _served
        what = f"{stop['service']} of {stop['patient']} by {name}"
        start, end = stop["arrival_time"], stop["departure_time"]
        there = places[stop["patient"]]
        if stop["service"] not in able:
            yield f"{what}: not able"
        if start < patient["time_window"][0] - TOLERANCE_MIN:
            yield f"{what}: starts before the window opens"
        if abs(end - start - need.get("duration", usual[stop["service"]])) > TOLERANCE_MIN:
            yield f"{what}: wrong duration"
        if start < free_at + instance["distances"][here][there] - TOLERANCE_MIN:
            yield f"{what}: starts before the caregiver can be there"
        here, free_at = there, end


def _together(patients: dict[str, Any], solution: dict[str, Any]) -> Iterator[str]:
    """Patients with two services: two caregivers, in step."""
    stops: dict[str, list[tuple[str, float, str]]] = {}
    for route in solution["routes"]:
        for stop in route["locations"]:
            visit = (stop["service"], stop["arrival_time"], route["caregiver_id"])
            stops.setdefault(stop["patient"], []).append(visit)
    for name, patient in patients.items():
        needs, visits = _needs(patient), stops.get(name, [])
        if len(needs) != 2 or len(visits) != 2:
            continue
        if visits[0][2] == visits[1][2]:
            yield f"{name}: both services by {visits[0][2]}"
        if needs[0]["service"] == needs[1]["service"]:
            gap = abs(visits[1][1] - visits[0][1])
        else:
            start = {service: at for service, at, _ in visits}
            gap = start.get(needs[1]["service"], 0.0) - start.get(needs[0]["service"], 0.0)
        synchronization = patient["synchronization"]
        low, high = (0, 0) if synchronization["type"] == "simultaneous" else synchronization["distance"]
        if not low - TOLERANCE_MIN <= gap <= high + TOLERANCE_MIN:
            yield f"{name}: the second service starts {gap:.3f} min after the first, allowed are {low} to {high}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.hhcrsp.checker", description=__doc__)
    parser.add_argument("instance", type=Path)
    parser.add_argument("solution", type=Path)
    arguments = parser.parse_args()
    # A file that is none of these is refused with one sentence; the rules are then checked on what it says.
    read_document(arguments.instance)
    read_solution(arguments.solution)
    verdict = check(json.loads(arguments.instance.read_text()), json.loads(arguments.solution.read_text()))
    for rule in verdict.broken:
        print(rule)
    print(
        f"cost {verdict.cost:.3f} = (distance {verdict.distance:.3f} + total tardiness {verdict.total_tardiness:.3f}"
        f" + largest tardiness {verdict.largest_tardiness:.3f}) / 3"
    )
    return 1 if verdict.broken else 0


if __name__ == "__main__":
    run(main)
