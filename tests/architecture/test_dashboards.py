"""deploy/grafana and deploy/prometheus: they ask for metrics that exist, and show all that matters."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from prometheus_client import REGISTRY

from tests.architecture.metric_names import declared_in
from tests.architecture.operations import ALERTS, BOARDS, JOBS, SOURCES
from tests.architecture.promql import Mistaken, Question
from yian.servers.places import CHECKOUT

ROOMS = ("backbone", "dispatch", "ingest_gateway", "services", "yian")
DECLARED = declared_in([path for room in ROOMS for path in sorted((CHECKOUT / room).rglob("*.py"))])
OURS = {name: labels for one in DECLARED for name, labels in one.series().items()}
OF_PYTHON = {
    sample.name: frozenset(sample.labels)
    for family in REGISTRY.collect()
    if family.name.startswith(("process_", "python_"))
    for sample in family.samples
}
OF_PROMETHEUS = {
    "up": frozenset[str](),
    "ALERTS": frozenset({"alertname", "alertstate", "severity", "part", "group", "pool"}),
}
SERIES = OURS | OF_PYTHON | OF_PROMETHEUS

LEFT_OUT = {
    "yian_feed_active_cases": "how long the queue is; what waits for an operator is shown",
    "yian_assignment_areas": "dispatch is no part of operations; its own page comes with its own issue",
    "yian_assignment_days": "as above",
    "yian_assignment_days_read": "as above",
    "yian_assignment_improved": "as above",
    "yian_assignment_not_found": "as above: orders that wait are on the dispatcher's board",
    "yian_assignment_proposed": "as above",
    "yian_assignment_refused": "as above",
    "yian_assignment_turn_seconds": "as above",
    "yian_facts_kept": "what happened, not how the platform does; facts that stand still show as lag",
    "yian_notice_messages": "how much people are told is no sign of health; notices that stand still show as lag",
    "yian_offers_expired": "what people do, not what the platform does: on the pages of the provider",
    "yian_visits_missed": "as above",
    "yian_silent_elders": "what happens to people, not to the platform: on the work list of the console",
    "yian_response_at_once": "how much people are told is no sign of health; what is late shows as its age",
    "yian_response_cases_due": "as above",
    "yian_response_failures": "such a case is in the log, and its step stays late, which is shown",
    "yian_series_looks": "plans two weeks ahead: nothing to see to at night",
    "yian_welfare_visits_planned": "as above",
}

PANELS = [pytest.param(panel, id=f"{name} {panel['title']}") for name in BOARDS for panel in BOARDS[name]["panels"]]


def _asked_by(panel: dict[str, Any]) -> list[Question]:
    return [Question(target["expr"]) for target in panel["targets"]]


def _all_questions() -> Iterator[Question]:
    yield from (Question(rule["expr"]) for rule in ALERTS)
    for board in BOARDS.values():
        yield from (Question(mark["target"]["expr"]) for mark in board["annotations"]["list"])
        yield from (question for panel in board["panels"] for question in _asked_by(panel))


# --- the metrics


def test_what_the_code_declares_is_what_a_process_shows() -> None:
    """The syntax is read, so that no process need be started; here it is held against some that are imported."""
    for process in ("ingest_gateway.main", "services.app.main", "services.worker", "services.telemetry.main"):
        import_module(process)
    shown = {family.name for family in REGISTRY.collect() if family.name.startswith("yian_")}
    assert len(shown) > 40
    assert shown <= {one.name.removesuffix("_total") for one in DECLARED}


def test_no_two_metrics_have_one_name() -> None:
    names = [one.name for one in DECLARED]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_asks_for_what_there_is_and_its_legend_shows_what_is_left_of_it(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        labels = Question(target["expr"]).labels(SERIES)
        assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= labels, target


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_the_marks_of_a_dashboard_are_alerts(board: dict[str, Any]) -> None:
    for mark in board["annotations"]["list"]:
        labels = Question(mark["target"]["expr"]).labels(SERIES)
        assert set(re.findall(r"{{(\w+)}}", mark["titleFormat"])) <= labels


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_an_alert_asks_for_what_there_is_and_speaks_only_of_what_is_left_of_it(rule: dict[str, Any]) -> None:
    labels = Question(rule["expr"]).labels(SERIES)
    said = " ".join(rule["annotations"].values())
    assert set(re.findall(r"\$labels\.(\w+)", said)) <= labels


@pytest.mark.parametrize(
    "wrong",
    [
        "yian_never_counted",
        "yian_gateway_events",
        'yian_gateway_events_total{lane="event"}',
        "sum by (lane) (rate(yian_gateway_events_total[5m]))",
        "sum by (job) (sum by (outcome) (rate(yian_gateway_events_total[5m])))",
        "histogram_quantile(0.9, sum by (job) (rate(yian_gateway_event_keep_seconds_bucket[5m])))",
        "sum by (group) (yian_consumer_lag_records) > max(yian_outbox_oldest_seconds)",
        "1 + 1",
    ],
)
def test_a_mistake_would_be_found(wrong: str) -> None:
    with pytest.raises(Mistaken):
        Question(wrong).labels(SERIES)


def test_every_metric_is_on_a_dashboard_or_left_out_for_a_reason() -> None:
    shown = {
        name for board in BOARDS.values() for panel in board["panels"] for q in _asked_by(panel) for name in q.names()
    }
    forgotten = {one.name for one in DECLARED if not shown & one.series().keys()}
    assert forgotten == LEFT_OUT.keys()
    assert all(LEFT_OUT.values())


def test_every_job_that_is_asked_for_is_one() -> None:
    asked = {job for question in _all_questions() for job in question.jobs()}
    assert asked
    assert asked <= JOBS


# --- the dashboards


def test_every_dashboard_has_an_address_of_its_own_that_stays() -> None:
    uids = [board["uid"] for board in BOARDS.values()]
    assert sorted(uids) == [f"yian-{name}" for name in sorted(BOARDS)]
    assert not [name for name, board in BOARDS.items() if "id" in board], "an id belongs to one installation"
    assert {board["schemaVersion"] for board in BOARDS.values()} == {41}
    assert {rule["labels"]["dashboard"] for rule in ALERTS} <= set(uids)


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_no_two_panels_lie_on_each_other(board: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        mine = {(at["x"] + right, at["y"] + down) for right in range(at["w"]) for down in range(at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not taken & mine, panel["title"]
        taken |= mine
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_says_what_it_is_what_is_normal_and_what_to_do_at_night(panel: dict[str, Any]) -> None:
    assert re.fullmatch(r"[一-鿿][^·]* · [\x20-\x7e]+", panel["title"]), "Chinese · English"
    assert re.fullmatch(r"正常：.+。凌晨三点：.+。\n\nNormal: .+\. At 3 a\.m\.: .+\.", panel["description"]), panel[
        "description"
    ]
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]["value"] is None
    assert panel["datasource"]["uid"] == SOURCES["datasources"][0]["uid"]


@pytest.mark.parametrize("panel", [one for one in PANELS if one.values[0]["type"] == "stat"])  # type: ignore[index]
def test_a_single_figure_is_of_now_and_says_so_when_there_is_none(panel: dict[str, Any]) -> None:
    """The last value of an hour would stay green after its process has gone."""
    assert all(target["instant"] and not target["range"] for target in panel["targets"])
    assert panel["fieldConfig"]["defaults"]["noValue"]


def test_an_alert_says_what_it_means_in_both_languages_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)
    for rule in ALERTS:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert re.search(r"[一-鿿].* · .*[a-z]", rule["annotations"]["summary"]), rule["alert"]
        assert rule["annotations"]["description"], rule["alert"]
