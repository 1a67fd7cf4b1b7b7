import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.online.__main__ import lived_terms
from bench.online.days import generate_day
from bench.online.plan_check import broken_gates, cost_points
from bench.online.world import live
from dispatch.costs import total
from dispatch.files import write_day
from dispatch.improve import improve
from dispatch.living.day import LivingDay
from dispatch.model import Plan, StopState
from dispatch.policy import Policy
from dispatch.travel import GreatCircleTravel

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()


def test_no_plan_of_a_lived_day_breaks_a_gate_and_its_cost_is_counted_right() -> None:
    checked = 0

    def between(living: LivingDay, _: frozenset[str]) -> tuple[Plan, float]:
        nonlocal checked
        better = improve(living.day, POLICY, TRAVEL, iterations=300, seed=1)
        assert broken_gates(replace(living.day, plan=better.plan), POLICY, TRAVEL) == []
        checked += 1
        return better.plan, 0.0

    lived = live(generate_day(seed=5, orders=30, workers=10), POLICY, TRAVEL, between)
    assert checked > 50
    assert all(stop.state is StopState.DONE for _, stop in lived.day.plan.stops())
    assert total(lived_terms(lived.day)) == pytest.approx(cost_points(lived.day, POLICY, TRAVEL))


def test_a_day_from_a_file_is_lived_and_compared(tmp_path: Path) -> None:
    write_day(tmp_path / "monday.json", generate_day(seed=6, orders=25, workers=8))
    command = [sys.executable, "-m", "bench.online", "--file", str(tmp_path / "monday.json"), "--seconds", "2"]
    done = subprocess.run(
        [*command, "--no-latency", "--json", "--out", str(tmp_path / "out")], capture_output=True, text=True, check=True
    )
    table, verdict = (json.loads(line) for line in done.stdout.splitlines())
    assert [row["plan"] for row in table["rows"]] == ["hindsight", "greedy", "online"]
    assert verdict["rows"][0]["to_reach"] == 0.5
    assert (tmp_path / "out" / "monday-online.json").exists()


def test_a_file_that_is_no_day_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    done = subprocess.run(
        [sys.executable, "-m", "bench.online", "--file", str(tmp_path / "x.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "x.json" in done.stderr
    assert "Traceback" not in done.stderr
