from pathlib import Path

import numpy as np
import pytest

from bench.vrptw.__main__ import plan
from bench.vrptw.checker import broken
from bench.vrptw.instances import (
    Convention,
    Reference,
    fitting,
    length,
    read_instance,
    read_reference,
    sol_text,
)
from bench.vrptw.towns import TOWNS, town
from dispatch.reading import UnreadableFile

TOWN_FILES = Path(__file__).parents[1] / "data" / "vrptw"
NAMES = [f"{kind}-{customers}" for kind, customers, _ in TOWNS]


def _untold(_: object) -> None: ...


@pytest.mark.parametrize("name", NAMES)
def test_both_formats_say_the_same(name: str) -> None:
    solomon, vrplib = (read_instance(TOWN_FILES / f"{name}{suffix}") for suffix in (".txt", ".vrp"))
    assert solomon.vehicles == vrplib.vehicles
    assert solomon.capacity == vrplib.capacity
    for column in ("place", "demand", "opens", "closes", "service", "distance"):
        np.testing.assert_allclose(getattr(solomon, column), getattr(vrplib, column))


@pytest.mark.parametrize(("kind", "customers", "share"), TOWNS)
def test_the_files_are_those_of_the_generator(kind: str, customers: int, share: float) -> None:
    name = f"{kind}-{customers}"
    assert town(name, customers, share, seed=1) == tuple(
        (TOWN_FILES / f"{name}{suffix}").read_text() for suffix in (".txt", ".vrp")
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_references_are_solutions_and_cost_what_they_say(name: str) -> None:
    instance, reference = read_instance(TOWN_FILES / f"{name}.txt"), read_reference(TOWN_FILES / f"{name}.sol", 200)
    assert fitting(instance, reference) is Convention.EXACT
    assert list(broken(instance, reference.routes, instance.distance)) == []


@pytest.mark.parametrize(
    ("convention", "decimals"), [(Convention.EXACT, 2), (Convention.DIMACS, 1), (Convention.ROUNDED, 0)]
)
def test_the_convention_of_a_reference_is_found_by_its_cost(convention: Convention, decimals: int) -> None:
    instance, known = read_instance(TOWN_FILES / "mixed-200.txt"), read_reference(TOWN_FILES / "mixed-200.sol", 200)
    cost = round(length(known.routes, convention.of(instance.distance)), decimals)
    assert fitting(instance, Reference(known.routes, cost, decimals)) is convention
    assert fitting(instance, Reference(known.routes, cost + 7, decimals)) is None


def test_one_decimal_is_cut_not_rounded() -> None:
    assert Convention.DIMACS.of(np.array([1.99, 2.0, 0.3])).tolist() == [1.9, 2.0, 0.3]


def test_a_sol_file_reads_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "small.sol"
    path.write_text(sol_text(((3, 1), (2,)), 12.5))
    assert read_reference(path, 3) == Reference(((3, 1), (2,)), 12.5, 2)


def test_the_checker_names_what_is_broken() -> None:
    instance, known = (
        read_instance(TOWN_FILES / "scattered-25.txt"),
        read_reference(TOWN_FILES / "scattered-25.sol", 25),
    )
    one_vehicle = (tuple(customer for route in known.routes for customer in route),)
    said = " ".join(broken(instance, one_vehicle, instance.distance))
    assert "carries" in said
    assert "closes" in said
    assert list(broken(instance, known.routes[1:], instance.distance)) == [
        f"customer {customer} is served 0 times" for customer in sorted(known.routes[0])
    ]


@pytest.mark.parametrize("convention", list(Convention))
def test_a_plan_keeps_the_rules_in_its_convention_and_its_budget(convention: Convention) -> None:
    instance = read_instance(TOWN_FILES / "scattered-25.vrp")
    routes, history = plan(instance, convention, 0.5, 1, _untold)
    assert list(broken(instance, routes, convention.of(instance.distance))) == []
    assert history[-1].seconds <= 0.55
    if convention is Convention.EXACT:
        known = read_reference(TOWN_FILES / "scattered-25.sol", 25).cost
        assert length(routes, instance.distance) <= 1.03 * known


def test_a_file_of_neither_format_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam\n")
    with pytest.raises(UnreadableFile, match=r"letter\.txt"):
        read_instance(path)
