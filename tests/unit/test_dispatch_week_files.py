import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dispatch_days import DATE, a_pair, an_order
from dispatch_weeks import DAY, a_horizon, a_roster, a_series
from typer.testing import CliRunner

from bench.week.made import made_horizon
from dispatch.commands import app
from dispatch.model import Group
from dispatch.policy import Policy
from dispatch.reading import UnreadableFile
from dispatch.travel import GreatCircleTravel
from dispatch.week.files import read_week, write_week
from dispatch.week.model import Horizon, Leave
from dispatch.week.planning import Effort, plan_horizon

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()
PNG, run = b"\x89PNG\r\n\x1a\n", CliRunner().invoke


def a_week() -> Horizon:
    series = (a_series("s1"), a_series("s2", a_pair("s2"), rule="FREQ=WEEKLY;BYDAY=MO,WE"))
    rosters = (a_roster("w1", week_limit_min=2_400.0), a_roster("w2"), a_roster("w3", leave=(Leave(date=DATE),)))
    week = a_horizon(*series, rosters=rosters, once=(an_order("once"),))
    return replace(week, groups=(Group(order_ids=frozenset({"s1", "once"}), same_worker=True),))


@pytest.fixture(scope="module")
def planned_week() -> Horizon:
    return plan_horizon(a_week(), POLICY, TRAVEL, Effort(moves_per_visit=200))


@pytest.fixture
def path(tmp_path: Path, planned_week: Horizon) -> Path:
    write_week(tmp_path / "week.json", planned_week, "a title")
    return tmp_path / "week.json"


def week_in(path: Path) -> dict[str, Any]:
    week: dict[str, Any] = json.loads(path.read_bytes())["week"]
    return week


def test_a_week_comes_back_from_its_file_as_it_was(path: Path, planned_week: Horizon, tmp_path: Path) -> None:
    assert read_week(path, POLICY, TRAVEL) == (planned_week, "a title")
    made = made_horizon(seed=2, days=3, visits_a_day=20, workers=7)
    write_week(tmp_path / "made.json", made)
    assert read_week(tmp_path / "made.json", POLICY, TRAVEL)[0] == made


def test_a_file_holds_only_those_orders_that_no_series_says(path: Path) -> None:
    assert [[order["id"] for order in date["orders"]] for date in week_in(path)["dates"]] == [["once"], [], []]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda week: week.update(dates=[]), "no dates"),
        (lambda week: week["dates"].pop(1), "2026-11-25 does not follow 2026-11-23"),
        (lambda week: week["series"].append(week["series"][0]), "series s1 is there twice"),
        (lambda week: week["series"][0].update(rule="FREQ=WEEKLY;BYDAY=XX"), "the rule 'FREQ=WEEKLY;BYDAY=XX' of"),
        (lambda week: week["series"][0]["order"].update(visits=[]), "series s1 needs one visit or two"),
        (lambda week: week["rosters"][0]["shifts"].update(XX=[]), "XX"),
        (lambda week: week["rosters"][0].update(week_limit_min=-1), "worker w1 may work a negative time"),
        (lambda week: week["rosters"].append(week["rosters"][0]), "worker w1 is there twice"),
        (lambda week: week["dates"][0]["orders"][0].update(series_id="s9"), "of the unknown series s9"),
        (lambda week: week["series"].pop(0), "2026-11-23: the plan has the unknown visit s1/1"),
    ],
)
def test_a_week_that_is_wrong_says_where(change: Any, says: str, path: Path) -> None:
    file = json.loads(path.read_bytes())
    change(file["week"])
    path.write_text(json.dumps(file))
    with pytest.raises(UnreadableFile, match=says):
        read_week(path, POLICY, TRAVEL)


def test_a_week_is_planned_rolled_on_mended_and_explained_from_its_file(path: Path, tmp_path: Path) -> None:
    write_week(path, a_week())
    planned = run(app, ["week", "plan", str(path), "--moves", "100"])
    assert planned.exit_code == 0, planned.output
    assert f"{path}: 2026-11-23 to 2026-11-25, 8 visits planned, 0 wait" in planned.output
    rolled = run(app, ["week", "roll", str(path), "-o", str(tmp_path / "rolled.json"), "--moves", "100"])
    assert "2026-11-24 to 2026-11-26, 5 visits planned, 0 wait" in rolled.output
    assert week_in(tmp_path / "rolled.json")["dates"][:2] == week_in(path)["dates"][1:]
    holder = next(route["worker_id"] for route in week_in(path)["dates"][1]["plan"]["routes"] if route["stops"])
    left = run(app, ["week", "leave", str(path), holder, str(DATE + DAY)])
    assert f"instead of {holder}" in left.output
    why = run(app, ["week", "why", str(path), str(DATE + DAY), "s1"])
    assert f"{holder} is not at work then." in why.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["leave", "week.json", "w9", "2026-11-24"], "week.json: there is no worker w9"),
        (["why", "week.json", "2026-11-24", "s9"], "week.json: 2026-11-24 has no order s9"),
        (["why", "week.json", "2027-01-01", "s1"], "week.json: 2027-01-01 has no order s1"),
        (["plan", "gone.json"], "gone.json: No such file"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(words: list[str], says: str, path: Path) -> None:
    result = run(app, ["week", words[0], str(path.parent / words[1]), *words[2:]])
    assert result.exit_code == 2
    assert says in result.output
    assert "Traceback" not in result.output


def test_plot_draws_a_week_with_a_row_for_each_worker(path: Path) -> None:
    assert "visits drawn" in run(app, ["plot", str(path)]).output
    assert path.with_suffix(".png").read_bytes().startswith(PNG)
    svg = path.with_suffix(".svg")
    assert run(app, ["plot", str(path), "--out", str(svg)]).exit_code == 0
    assert b"<svg" in svg.read_bytes()
    assert run(app, ["plot", str(path), "--out", str(path.with_suffix(".gif"))]).exit_code == 2
