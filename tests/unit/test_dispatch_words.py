"""Why this worker comes, in sentences that an elder's daughter understands."""

import string
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dispatch.commands import app
from dispatch.costs import TERM_UNITS
from dispatch.files import write_day
from dispatch.gates import Gate
from dispatch.model import Day, Plan, Route, Stop, StopState, Visit
from dispatch.policy import Policy
from dispatch.proposal import RefusalReason
from dispatch.travel import GreatCircleTravel
from dispatch.why import why
from dispatch.words.en import EN
from dispatch.words.language import MANY, Language, counted
from dispatch.words.say import said_why
from dispatch.words.zh import ZH
from tests.unit.dispatch_days import DATE, a_worker, an_order, place

ORDER = an_order()
VISIT = ORDER.visits[0].id
NEAR, FAR = a_worker("near"), a_worker("far", start=place("far/start", 6.0, 6.0))
UNSKILLED, ELSEWHERE = a_worker("unskilled", certificates=()), a_worker("elsewhere", areas=("420281",))
NAMES = {"near": "王芳", "far": "李桂兰"}


def a_day(state: StopState | None = StopState.PLANNED, **changes: object) -> Day:
    stops = (Stop(visit_id=VISIT, start_min=600.0, end_min=630.0, state=state),) if state else ()
    plan = Plan(routes=(Route(worker_id="near", stops=stops),) if stops else ())
    workers = (NEAR, FAR, UNSKILLED, ELSEWHERE)
    day = Day(date=DATE, now_min=300.0, workers=workers, orders=(ORDER,), plan=plan)
    return replace(day, **changes)  # type: ignore[arg-type]


def said(day: Day, language: Language) -> list[str]:
    return said_why(why(day, "o1", Policy(), GreatCircleTravel()), language, NAMES if language is ZH else {})


def test_it_says_who_comes_what_another_would_mean_and_why_the_rest_cannot() -> None:
    first, instead, cannot = said(a_day(), ZH)
    assert first == "10:00，王芳 到。在约定的时间内。"
    assert instead.startswith("如果换成 李桂兰：路上要多用")
    assert cannot == "来不了的有 2 人：1 人没有这项服务所需的技能，或证书已过期；1 人不负责这个片区。"
    first, instead, cannot = said(a_day(), EN)
    assert first == "10:00: near. That is within the time asked for."
    assert instead.startswith("far instead: ")
    assert cannot == "Who cannot come: 2. 1 person lacks a skill or its certificate; 1 person does not serve that area."


def test_of_an_order_that_waits_it_says_who_could_come() -> None:
    assert said(a_day(None), EN)[:2] == [EN.waits, "10:00: near. That is within the time asked for."]


def test_where_nobody_can_come_it_says_that_first() -> None:
    assert said(a_day(None, workers=(UNSKILLED, ELSEWHERE)), EN)[0] == EN.refused[RefusalReason.NO_WORKER]


def test_somebody_whom_the_elder_knows_and_somebody_who_is_late_are_said_to_be() -> None:
    known = replace(ORDER, familiarity={"near": 1.0})
    assert said(a_day(orders=(known,)), EN)[0].endswith(EN.known)
    late = replace(ORDER, latest_start_min=900.0)
    assert "minutes after the time asked for" in said(a_day(None, orders=(late,), now_min=700.0), EN)[1]


def test_one_minute_is_not_said_as_many() -> None:
    for phrase in (*EN.more.values(), *EN.less.values(), EN.late):
        if "minute" in phrase:
            one, many = phrase.split(MANY)
            assert "{n} minutes" not in one
            assert "more minutes" not in one
            assert (counted(phrase, 1), counted(phrase, 2)) == (one.format(n=1), many.format(n=2))
    assert counted(EN.more["travel"], 1) == "1 more minute on the way"
    assert counted(ZH.more["travel"], 1) == "路上要多用 1 分钟"


def test_the_same_two_the_other_way_round_are_not_told_as_somebody_else() -> None:
    pair = replace(ORDER, visits=(*ORDER.visits, Visit(id="o1/2", duration_min=30.0)))
    three = tuple(a_worker(name) for name in ("a", "b", "c"))
    lines = said(Day(date=DATE, now_min=300.0, workers=three, orders=(pair,)), EN)
    come = {name for name in "abc" if f" {name} " in f" {lines[1].replace('.', ' ')}"}
    assert len(come) == 2
    ((other,),) = [{"a", "b", "c"} - come]
    told = [line for line in lines[2:] if "suit as well" in line or "instead" in line]
    assert told
    assert all(other in line for line in told)


@pytest.mark.parametrize("state", [StopState.PROMISED, StopState.STARTED, StopState.DONE])
def test_of_a_visit_that_may_not_change_any_more_nothing_is_made_up(state: StopState) -> None:
    with pytest.raises(ValueError, match="may still change"):
        said(a_day(state), EN)


@pytest.mark.parametrize("language", [EN, ZH])
def test_every_gate_cost_and_refusal_has_its_words(language: Language) -> None:
    said_apart = {"max_tardiness", "unplaced"}
    assert language.stops.keys() == set(Gate)
    assert language.refused.keys() == set(RefusalReason)
    assert language.more.keys() == language.less.keys() == TERM_UNITS.keys() - said_apart
    for phrase in (*language.more.values(), *language.less.values()):
        assert {name for _, name, _, _ in string.Formatter().parse(phrase) if name} <= {"n"}


def test_the_command_answers_in_both_languages_and_names_what_it_does_not_find(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    write_day(file, a_day(), title="Monday")
    run = CliRunner().invoke
    assert "10:00: near." in run(app, ["why", str(file), "o1"]).output
    assert "10:00，near 到。" in run(app, ["why", str(file), "o1", "--lang", "zh"]).output
    unknown = run(app, ["why", str(file), "o9"])
    assert unknown.exit_code == 2
    assert "there is no order o9" in unknown.output
