"""Reading the home health care benchmark of Mankowska, Meisel and Bierwirth (2014) in Udine's JSON, and writing
solutions of it. The rules stand in `bench/hhcrsp/checker.py`, which shares nothing with this."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.hhcrsp.documents import Document, read_document
from dispatch.kernel.problem import Pairs, Plan, Problem, Visits, Weights, Workers, never_away
from dispatch.reading import UnreadableFile, read_text

BEST_KNOWN = ["instance", "best_known_cost"]
MUST_BE_SERVED = 1e6
SERVICES_OF_A_PAIR = 2


@dataclass(frozen=True, slots=True)
class Instance:
    name: str
    patients: int
    problem: Problem
    caregivers: tuple[str, ...]
    services: tuple[tuple[str, str], ...]
    """(patient id, service id) of each visit."""


def read_instance(path: Path) -> Instance:
    """:raises UnreadableFile: with the place and what is wrong there."""
    document = read_document(path)
    durations = {service.id: service.default_duration for service in document.services}
    rows = [
        (place, patient, needed.service, durations[needed.service] if needed.duration is None else needed.duration)
        for place, patient in enumerate(document.patients, start=1)
        for needed in patient.required_caregivers
    ]
    abilities = [set(caregiver.abilities) for caregiver in document.caregivers]
    n, m = len(rows), len(abilities)
    problem = Problem(
        visits=Visits(
            location=np.array([place for place, *_ in rows], np.int64),
            duration=np.array([duration for *_, duration in rows], np.float64),
            earliest=np.array([patient.time_window[0] for _, patient, *_ in rows], np.float64),
            due=np.array([patient.time_window[1] for _, patient, *_ in rows], np.float64),
            latest=np.full(n, np.inf),
            priority=np.ones(n),
            skip_cost=np.full(n, MUST_BE_SERVED),
            fixed_start=np.full(n, np.nan),
        ),
        workers=_workers(m),
        eligible=np.array([[service in able for able in abilities] for _, _, service, _ in rows]).reshape(n, m),
        assignment_cost=np.zeros((n, m)),
        travel=np.array(document.distances, np.float64)[None],
        pairs=_pairs(document),
        away=never_away(),
        weights=Weights(travel=1 / 3, tardiness=1 / 3, max_tardiness=1 / 3),
    )
    return Instance(
        name=path.name,
        patients=len(document.patients),
        problem=problem,
        caregivers=tuple(caregiver.id for caregiver in document.caregivers),
        services=tuple((patient.id, service) for _, patient, service, _ in rows),
    )


def _workers(m: int) -> Workers:
    """All from and to the depot, place 0, from minute 0 on, without an end of shift."""
    depot, never = np.zeros(m, np.int64), np.full(m, np.inf)
    return Workers(
        start_location=depot,
        end_location=depot,
        shift_start=np.zeros(m),
        shift_end=never,
        shift_limit=never,
        contract_minutes=never,
        work_limit=never,
        visit_limit=never,
        use_cost=np.zeros(m),
        mode=depot,
    )


def _pairs(document: Document) -> Pairs:
    firsts, gaps, visit = [], [], 0
    for patient in document.patients:
        count = len(patient.required_caregivers)
        if count == SERVICES_OF_A_PAIR and patient.synchronization is not None:
            simultaneous = patient.synchronization.type == "simultaneous"
            firsts.append(visit)
            gaps.append((0.0, 0.0) if simultaneous else patient.synchronization.distance)
        visit += count
    first = np.array(firsts, np.int64)
    gap = np.array(gaps, np.float64).reshape(-1, 2)
    return Pairs(first=first, second=first + 1, min_gap=gap[:, 0].copy(), max_gap=gap[:, 1].copy())


def solution_document(instance: Instance, plan: Plan) -> dict[str, Any]:
    """One route for every caregiver, empty ones too; `arrival_time` is the start after any waiting."""
    duration = instance.problem.visits.duration
    return {
        "routes": [
            {
                "caregiver_id": caregiver,
                "locations": [
                    {
                        "patient": instance.services[visit][0],
                        "service": instance.services[visit][1],
                        "arrival_time": float(plan.start[visit]),
                        "departure_time": float(plan.start[visit] + duration[visit]),
                    }
                    for visit in route
                ],
            }
            for caregiver, route in zip(instance.caregivers, plan.routes, strict=True)
        ]
    }


def read_best_known(path: Path) -> dict[str, float]:
    """Instance name to cost. :raises UnreadableFile: with the line."""
    rows = csv.reader(read_text(path).splitlines())
    if [name.strip() for name in next(rows)] != BEST_KNOWN:
        raise UnreadableFile(f"{path}, line 1: the header is missing. Begin the file with: {','.join(BEST_KNOWN)}")
    costs = {}
    for line, row in enumerate(rows, start=2):
        match row:
            case []:
                continue
            case [name, cost] if _is_a_cost(cost):
                costs[name] = float(cost)
            case _:
                raise UnreadableFile(f"{path}, line {line}: a name and a cost above 0 are needed, like a.json,218.2")
    return costs


def _is_a_cost(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False
