import math

import pytest

from bench.chain.watch import Usage
from bench.orders.__main__ import arguments, aside, told
from bench.orders.verdict import PLACE, SOS, judged, of_all, ratio, spread


def found(**families: object) -> dict[str, object]:
    """One turn of ten orders, one of them refused and one without a worker."""
    seen = {
        "placed": 9, "refused": {"orders.too_late": 1}, "placed_ms": [20.0] * 9, "proposed_ms": [300.0] * 8,
        "assigned_ms": [400.0] * 8, "unassigned": {"nobody_free": 1}, "taps": 2, "tapped": 2, "live_ms": [100.0, 120.0],
        "late_ms": 1.0, "seconds": 3.0, "cpu_s": 0.5, "others, cores": 0.1,
    }  # fmt: skip
    pressed = {"presses": 2, "shown_ms": [5.0, 10.0]}
    slots = {"asked": 2, "spent_ms": {"full": [100.0, 120.0], "small": [10.0, 12.0]}, "without a time": 0}
    return {
        "first": slots, "slots": slots, "seen": [seen | families], "quiet": [pressed],
        "beside": [pressed | {"shown_ms": [5.0, 11.0]}],
        "used": [{"app": Usage(0.9, 100.0), "postgres": Usage(0.9, 200.0)}],
    }  # fmt: skip


def verdicts(**families: object) -> dict[object, object]:
    return {row["what"]: row["verdict"] for row in told(found(**families))[2]}


def test_who_gets_no_worker_has_waited_without_end() -> None:
    assert of_all([300.0] * 98, 100, 0.5) == 300.0
    assert of_all([300.0] * 98, 100, 0.99) == math.inf
    assert of_all([300.0] * 100, 100, 0.99) == 300.0
    assert verdicts()["dispatch has proposed who comes, p99"] == "NOT HELD"
    assert verdicts(proposed_ms=[300.0] * 9)["dispatch has proposed who comes, p99"] == "held"


def test_a_refused_order_was_not_placed_quickly() -> None:
    assert verdicts()["an order placed, p99"] == "NOT HELD"
    assert verdicts(refused={})["an order placed, p99"] == "held"


def test_a_question_that_dispatch_does_not_answer_has_waited_without_end() -> None:
    assert verdicts()["times that can be served, p99"] == "held"
    slots = {"asked": 3, "spent_ms": {"full": [100.0, 120.0], "small": [10.0] * 3}, "without a time": 0}
    rows = told(found() | {"slots": slots})[2]
    assert next(row["verdict"] for row in rows if row["what"] == "times that can be served, p99") == "NOT HELD"


def test_what_could_not_be_measured_is_not_held() -> None:
    assert judged(PLACE, 50.0)["verdict"] == "held"
    assert judged(PLACE, 50.1)["verdict"] == judged(PLACE, math.nan)["verdict"] == "NOT HELD"
    assert spread("nothing", [])["answered"] == 0


def test_presses_beside_orders_are_compared_with_presses_without() -> None:
    assert judged(SOS, ratio([11.0] * 9, [10.0] * 9, 0.99))["verdict"] == "held"
    assert judged(SOS, ratio([13.0] * 9, [10.0] * 9, 0.99))["verdict"] == "NOT HELD"


def test_what_an_order_costs_is_counted_by_process() -> None:
    used = {row["process"]: row["CPU ms an order"] for row in told(found())[1]}
    assert used["app"] == pytest.approx(100.0)
    assert used["all of these"] == pytest.approx(200.0)


def test_the_share_that_was_assigned_is_said_and_why_the_rest_was_not() -> None:
    said = {row["what"]: row["value"] for row in aside(found())}
    assert said["of them assigned, %"] == pytest.approx(100 * 8 / 9)
    assert said["not assigned: nobody_free"] == 1
    assert said["refused: orders.too_late"] == 1


def test_a_pace_that_cannot_be_kept_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["--rate", "0"])
    assert "--rate must be above 0" in capsys.readouterr().err
