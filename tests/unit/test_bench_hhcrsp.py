import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bench.hhcrsp.checker import check
from bench.hhcrsp.greedy_append import greedy_append
from bench.hhcrsp.instances import read_best_known, read_instance, solution_document
from dispatch.kernel.plans import evaluate
from dispatch.kernel.search import solve

pytestmark = pytest.mark.usefixtures("compiled_search")

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "hhcrsp"

SMALL: dict[str, Any] = {
    "patients": [
        {"id": "p1", "time_window": [100, 120], "required_caregivers": [{"service": "s1", "duration": 10}]},
        {
            "id": "p2",
            "time_window": [100, 220],
            "required_caregivers": [{"service": "s1"}, {"service": "s2", "duration": 30}],
            "synchronization": {"type": "sequential", "distance": [20, 40]},
        },
        {
            "id": "p3",
            "time_window": [0, 120],
            "required_caregivers": [{"service": "s2"}, {"service": "s2"}],
            "synchronization": {"type": "simultaneous"},
        },
    ],
    "services": [{"id": "s1", "default_duration": 15}, {"id": "s2", "default_duration": 25}],
    "caregivers": [
        {"id": "c1", "abilities": ["s1", "s2"]},
        {"id": "c2", "abilities": ["s2"]},
        {"id": "c3", "abilities": ["s1"]},
    ],
    "central_offices": [{"id": "d"}],
    "distances": [[0, 30, 40, 20], [30, 0, 10, 25], [40, 10, 0, 15], [20, 25, 15, 0]],
}


@pytest.fixture
def solved(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "small.json"
    path.write_text(json.dumps(SMALL))
    instance = read_instance(path)
    plan = solve(instance.problem, iterations=4000)
    document = solution_document(instance, plan)
    verdict = check(SMALL, document)
    assert verdict.broken == ()
    assert verdict.cost == pytest.approx(plan.cost)
    return document


def _stop(document: dict[str, Any], patient: str, service: str) -> dict[str, Any]:
    stops = (stop for route in document["routes"] for stop in route["locations"])
    found: dict[str, Any] = next(s for s in stops if s["patient"] == patient and s["service"] == service)
    return found


def _broken(document: dict[str, Any]) -> str:
    return "; ".join(check(SMALL, document).broken)


def test_every_caregiver_has_a_route_and_every_service_its_time(solved: dict[str, Any]) -> None:
    assert [route["caregiver_id"] for route in solved["routes"]] == ["c1", "c2", "c3"]
    first, second = _stop(solved, "p2", "s1"), _stop(solved, "p2", "s2")
    assert first["departure_time"] - first["arrival_time"] == 15
    assert 20 <= second["arrival_time"] - first["arrival_time"] <= 40


def test_the_checker_sees_a_missing_route_and_a_missing_service(solved: dict[str, Any]) -> None:
    assert "c3 has no route" in _broken({"routes": solved["routes"][:2]})
    emptied = copy.deepcopy(solved)
    emptied["routes"][0]["locations"] = []
    assert "missing" in _broken(emptied)


def test_the_checker_sees_a_caregiver_who_is_not_able(solved: dict[str, Any]) -> None:
    swapped = copy.deepcopy(solved)
    routes = swapped["routes"]
    routes[1]["locations"], routes[2]["locations"] = routes[2]["locations"], routes[1]["locations"]
    routes[0]["locations"], routes[2]["locations"] = routes[2]["locations"], routes[0]["locations"]
    assert "not able" in _broken(swapped)


def test_the_checker_sees_times_that_cannot_be(solved: dict[str, Any]) -> None:
    for patient, service, minutes, words in (
        ("p1", "s1", -60, "before the window opens"),
        ("p2", "s2", 300, "the second service starts"),
        ("p3", "s2", -25, "before the caregiver can be there"),
    ):
        moved = copy.deepcopy(solved)
        stop = _stop(moved, patient, service)
        stop["arrival_time"] += minutes
        stop["departure_time"] += minutes
        assert words in _broken(moved)
    shortened = copy.deepcopy(solved)
    _stop(shortened, "p1", "s1")["departure_time"] -= 1
    assert "wrong duration" in _broken(shortened)


def test_the_checker_sees_one_caregiver_for_both_services(solved: dict[str, Any]) -> None:
    both = {"routes": [{"caregiver_id": name, "locations": []} for name in ("c1", "c2", "c3")]}
    both["routes"][0]["locations"] = [stop for route in solved["routes"] for stop in route["locations"]]  # type: ignore[index]
    assert "both services by c1" in _broken(both)


def _benchmark() -> Path:
    if not FOLDER.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{FOLDER} is missing")
        pytest.skip("the benchmark instances are not here")
    return FOLDER


@pytest.mark.parametrize(("name", "allowed"), [("InstanzCPLEX_HCSRP_10_1", 1.001), ("InstanzVNS_HCSRP_100_3", 1.15)])
def test_published_instances_are_solved_validly_and_near_the_best_known(name: str, allowed: float) -> None:
    folder = _benchmark()
    path = folder / f"{name}.json"
    instance = read_instance(path)
    plan = solve(instance.problem, iterations=1_000_000, seed=1)
    verdict = check(json.loads(path.read_text()), solution_document(instance, plan))
    assert verdict.broken == ()
    assert verdict.cost == pytest.approx(plan.cost)
    best = read_best_known(folder / "best_known.csv")[path.name]
    assert verdict.cost <= allowed * best
    greedy = evaluate(instance.problem, greedy_append(instance.problem))
    assert greedy is not None
    assert verdict.cost < greedy.cost
