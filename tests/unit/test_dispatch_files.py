import json
from pathlib import Path

import pytest
from dispatch_days import a_day, a_pair, a_worker, an_order
from typer.testing import CliRunner

from bench.online.days import generate_day
from dispatch.breaks import breaks_of
from dispatch.commands import app
from dispatch.events import visit_started, visits_told
from dispatch.files import read_day, write_day
from dispatch.gates import shift_time
from dispatch.insertion import insert
from dispatch.model import Break, Day, Interval, Stop
from dispatch.policy import Policy
from dispatch.proposal import Proposal
from dispatch.reading import UnreadableFile
from dispatch.travel import GreatCircleTravel

pytestmark = pytest.mark.usefixtures("compiled_search")

BACKWARDS = {"duration_min": 30, "window": {"from_min": 800, "to_min": 700}}
PNG, run = b"\x89PNG\r\n\x1a\n", CliRunner().invoke


def a_planned_day() -> Day:
    day = a_day(an_order("o1"), a_pair("o2"), an_order("o3", refused_workers=frozenset({"w1", "w2", "w3"})))
    for order in day.orders:
        answer = insert(day, order, Policy(), GreatCircleTravel())
        if isinstance(answer, Proposal):
            day = Day(date=day.date, now_min=day.now_min, workers=day.workers, orders=day.orders, plan=answer.plan)
    return visit_started(visits_told(day, ["o1/1"]), "o2/1")


def test_a_day_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    for name, day in (("planned", a_planned_day()), ("generated", generate_day(seed=3, orders=20, workers=5))):
        write_day(tmp_path / name, day, "a title")
        assert read_day(tmp_path / name).day == day
        assert read_day(tmp_path / name).title == "a title"


def test_the_same_seed_generates_the_same_day() -> None:
    assert generate_day(seed=4) == generate_day(seed=4)
    assert generate_day(seed=4) != generate_day(seed=5)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda file: file.update(format="other"), "format is 'other'"),
        (lambda file: file["day"].pop("date"), "date"),
        (lambda file: file["day"]["orders"][0]["window"].update(from_min="soon"), "from_min"),
        (lambda file: file["day"]["orders"][0].update(visits=[]), "needs one visit or two"),
        (lambda file: file["day"]["workers"].append(file["day"]["workers"][0]), "worker w1 is there twice"),
        (lambda file: file["day"]["orders"].pop(0), "unknown visit o1/1"),
        (lambda file: file["day"]["orders"][0].update(latest_start_min=1.0), "o1 lies before its window"),
        (lambda file: file["day"]["orders"][0].update(priority=-1), "priority of order o1"),
        (lambda file: file["day"]["workers"][0].update(max_visits=-1), "negative number of visits"),
        (lambda file: file["day"]["workers"][0].update(breaks=[BACKWARDS]), "a break of worker w1 ends"),
        (lambda file: file["day"]["plan"]["routes"][0].update(worker_id="ghost"), "unknown worker ghost"),
    ],
)
def test_a_file_that_is_wrong_says_where(change: object, says: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_day(path, a_planned_day())
    file = json.loads(path.read_bytes())
    assert callable(change)
    change(file)
    path.write_text(json.dumps(file))
    with pytest.raises(UnreadableFile, match=says):
        read_day(path)


def test_plot_draws_a_png_beside_the_plan_or_an_svg_where_asked(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    write_day(plan, a_planned_day(), "今天")
    assert run(app, ["plot", str(plan)]).exit_code == 0
    assert (tmp_path / "plan.png").read_bytes().startswith(PNG)
    svg = tmp_path / "out.svg"
    assert run(app, ["plot", str(plan), "--out", str(svg)]).exit_code == 0
    once = svg.read_bytes()
    assert b"<svg" in once
    run(app, ["plot", str(plan), "--out", str(svg)])
    assert svg.read_bytes() == once


def test_a_break_is_drawn_in_the_first_gap_that_holds_it_else_after_the_last_visit() -> None:
    worker = a_worker(breaks=(Break(duration_min=30.0, window=Interval(690.0, 750.0)),))

    def taken(*starts_min: float) -> tuple[Interval, ...]:
        stops = tuple(Stop(visit_id=f"v{start}", start_min=start, end_min=start + 60.0) for start in starts_min)
        return breaks_of(worker, shift_time(worker), stops, [10.0] * len(stops))

    assert taken(600.0, 730.0) == (Interval(690.0, 720.0),)
    assert taken(600.0, 700.0, 765.0) == (Interval(825.0, 855.0),)
    assert breaks_of(a_worker(), (), (), ()) == ()


def test_plot_of_a_day_without_a_plan_draws_where_the_orders_wait(tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    write_day(path, a_day(an_order()))
    assert run(app, ["plot", str(path)]).exit_code == 0


@pytest.mark.parametrize(
    ("name", "out", "says"), [("gone.json", "x.png", "gone.json"), ("day.json", "x.gif", ".png or .svg")]
)
def test_plot_says_in_one_sentence_what_is_wrong(name: str, out: str, says: str, tmp_path: Path) -> None:
    write_day(tmp_path / "day.json", a_day(an_order()))
    result = run(app, ["plot", str(tmp_path / name), "-o", str(tmp_path / out)])
    assert result.exit_code == 2
    assert says in result.output
    assert "Traceback" not in result.output
