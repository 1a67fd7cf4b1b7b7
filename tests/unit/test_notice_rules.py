"""Every move of an order: who hears what, in both languages. And each thing is told once."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.order import PersonOnOrder
from services.notify.model import Audience, Message, NoticeKind, OrderKnown
from services.notify.rules import decide, outdated
from tests.examples import examples
from tests.unit.notice_scene import (
    LI,
    LUNCH,
    NINE,
    NOBODY_OF_OURS,
    NOW,
    WANG,
    Heard,
    Story,
    a_visit,
    an_order,
    placed_at,
)

FAMILY, WORKER, PROVIDER, ON_DUTY = Audience.FAMILY, Audience.WORKER, Audience.PROVIDER, Audience.ON_DUTY


def placed() -> Heard:
    return Story().tell("place", by="王敏")


def planned() -> Heard:
    return Story().until("waiting").tell("assign", state="planned", **placed_at(WANG))


def offered() -> Heard:
    return Story().until("planned").tell("offer", state="offered", offer_expires_at=NOW + timedelta(minutes=10))


def declined() -> Heard:
    story = Story().until("offered")
    return story.tell("decline", by="王建国", state="waiting", waits_because="declined", **NOBODY_OF_OURS)


def expired() -> Heard:
    return Story().until("offered").tell("expire", state="waiting", waits_because="expired", **NOBODY_OF_OURS)


def accepted() -> Heard:
    return Story().until("offered").tell("accept", by="王建国", state="accepted")


def given_without_asking() -> Heard:
    return Story().until("planned").tell("accept", by="周强", state="accepted", locked=True)


def on_leave() -> Heard:
    return Story().until("accepted").tell("release", state="waiting", waits_because="leave", **NOBODY_OF_OURS)


def replaced(*, later: timedelta = timedelta()) -> Heard:
    story = Story().until("accepted")
    story.tell("release", state="waiting", waits_because="leave", **NOBODY_OF_OURS)
    story.tell("assign", state="planned", **placed_at(LI, NINE + later))
    story.tell("offer", state="offered")
    return story.tell("accept", by="李红", state="accepted")


def replaced_later() -> Heard:
    return replaced(later=timedelta(hours=1))


def moved() -> Heard:
    return Story().until("accepted").tell("retime", **placed_at(WANG, NINE + timedelta(minutes=40)))


def moved_a_little() -> Heard:
    return Story().until("accepted").tell("retime", **placed_at(WANG, NINE + timedelta(minutes=10)))


def rescheduled() -> Heard:
    later = NINE + timedelta(hours=5)
    wished = {"wished_from": later, "wished_until": later + timedelta(minutes=30), "state": "placed"}
    return Story().until("accepted").tell("reschedule", by="王敏", order=wished, state="waiting", **NOBODY_OF_OURS)


def moved_by_a_holiday() -> Heard:
    later = NINE + timedelta(days=1)
    wished = {"wished_from": later, "wished_until": later + timedelta(minutes=30)}
    return Story().until("waiting").tell("reschedule", reason="series.holiday", order=wished)


def dropped_by_a_holiday() -> Heard:
    off = {"state": "cancelled", "cancel_fee_fen": 0}
    return Story().until("waiting").tell("cancel", reason="series.holiday", state="cancelled", order=off)


def set_out() -> Heard:
    story = Story().until("accepted")
    story.now = NINE - timedelta(minutes=8)
    return story.tell("set_out", by="王建国", state="on_the_way")


def set_out_without_network() -> Heard:
    story = Story().until("accepted")
    story.now = NINE + timedelta(minutes=3)
    return story.tell("set_out", by="王建国", at=NINE - timedelta(minutes=8), state="on_the_way")


def begun() -> Heard:
    story = Story().until("on_the_way")
    story.now = NINE + timedelta(minutes=2)
    return story.tell("begin", by="王建国", state="in_service", starts_at=story.now)


def done() -> Heard:
    story = Story().until("in_service")
    story.now = NINE + timedelta(minutes=90)
    return story.tell("end", by="王建国", state="done", ends_at=story.now, order={"state": "done"})


def lunch_done() -> Heard:
    story = Story(order=an_order(**LUNCH)).until("in_service")
    return story.tell("end", state="done", order={"state": "done"})


def cancelled() -> Heard:
    fee = {"state": "cancelled", "cancel_fee_fen": 1250}
    return Story().until("accepted").tell("cancel", by="王敏", state="cancelled", order=fee)


def cancelled_in_time() -> Heard:
    fee = {"state": "cancelled", "cancel_fee_fen": 0}
    return Story().until("waiting").tell("cancel", by="王敏", state="cancelled", order=fee)


def waits() -> Heard:
    return Story().until("waiting").tell("wait", state="waiting", waits_because="no_room")


def missed() -> Heard:
    story = Story().until("accepted")
    story.now = NINE + timedelta(minutes=40)
    return story.tell("miss", state="missed", order={"state": "missed"})


def not_met() -> Heard:
    story = Story().until("on_the_way")
    story.now = NINE + timedelta(minutes=2)
    return story.tell("not_met", by="王建国", state="not_met", ends_at=story.now, order={"state": "not_met"})


def interrupted() -> Heard:
    story = Story().until("in_service")
    story.now = NINE + timedelta(minutes=40)
    return story.tell("interrupt", by="王建国", state="interrupted", ends_at=story.now, order={"state": "interrupted"})


def disputed() -> Heard:
    story = Story().until("in_service")
    story.tell("end", state="done", order={"state": "done"})
    return story.tell("dispute", by="王敏", order={"state": "disputed"})


TOLD: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_name("notices_told.json").read_text())
"""By each move below: who hears what, in both languages; nobody else hears anything."""

JARGON = re.compile(r"[a-z]+_[a-z_]+|order|visit\\b|assign|dispatch|工单|派单|状态|None|:\\s*$", re.IGNORECASE)


@pytest.mark.parametrize("move", TOLD)
def test_each_move_is_told_to_whom_it_concerns_in_whole_sentences(move: str) -> None:
    made: Callable[[], Heard] = globals()[move]
    heard = {f"{audience} {kind}": list(message.said) for (audience, kind), message in made().items()}
    assert heard == TOLD[move]


SENTENCES = [said for heard in TOLD.values() for pair in heard.values() for said in pair]


@pytest.mark.parametrize("said", sorted(set(SENTENCES)))
def test_every_sentence_names_the_elder_ends_and_has_no_jargon(said: str) -> None:
    assert "王秀英" in said
    assert said.endswith(("。", ".", "?"))
    assert not JARGON.search(said)


def test_a_change_of_worker_within_minutes_is_one_notice() -> None:
    """That somebody else is looked for is held, and dropped when somebody has agreed."""
    story = Story().until("accepted")
    looking = story.tell("release", state="waiting", waits_because="worker_absent", **NOBODY_OF_OURS)
    assert looking[FAMILY, NoticeKind.LOOKING].hold == timedelta(minutes=3)
    story.tell("assign", state="planned", **placed_at(LI))
    assert (NoticeKind.LOOKING, UUID(int=20)) not in outdated(story.order)
    story.tell("offer", state="offered")
    changed = story.tell("accept", state="accepted")
    assert (NoticeKind.LOOKING, UUID(int=20)) in outdated(story.order)
    assert changed[FAMILY, NoticeKind.WORKER_CHANGED].hold == timedelta()


def test_the_sooner_the_visit_the_sooner_the_family_hears_that_somebody_is_looked_for() -> None:
    story = Story().until("accepted")
    story.now = NINE - timedelta(minutes=8)
    looking = story.tell("release", state="waiting", waits_because="worker_absent", **NOBODY_OF_OURS)
    assert looking[FAMILY, NoticeKind.LOOKING].hold == timedelta(minutes=1)


def test_who_is_on_duty_is_asked_to_act_only_when_it_has_waited() -> None:
    story = Story()
    story.tell("place")
    waits = story.tell("wait", waits_because="no_worker")[ON_DUTY, NoticeKind.WAITS]
    assert waits.hold == timedelta(minutes=10)
    story.now += timedelta(minutes=4)
    again = story.tell("wait", waits_because="no_room")[ON_DUTY, NoticeKind.WAITS]
    assert again.hold == timedelta(minutes=6)
    assert again.told_once == waits.told_once


def test_offers_that_nobody_answers_do_not_put_it_off_that_a_person_is_asked() -> None:
    story = Story().until("waiting")
    for worker in (WANG, LI):
        story.tell("assign", state="planned", **placed_at(worker))
        story.tell("offer", state="offered")
        story.now += timedelta(minutes=10)
        heard = story.tell("expire", state="waiting", waits_because="not_answered", **NOBODY_OF_OURS)
    assert heard[ON_DUTY, NoticeKind.WAITS].hold == timedelta()


def test_a_plan_that_comes_back_to_the_same_worker_and_time_is_no_news() -> None:
    story = Story().until("accepted")
    assert story.tell("assign", state="planned") == {}
    assert list(story.tell("offer", state="offered")) == [(WORKER, NoticeKind.OFFERED)]
    assert story.tell("accept", state="accepted") == {}


def test_who_is_late_and_then_not_so_late_and_late_again_is_told_once() -> None:
    story, late = Story().until("accepted"), NINE + timedelta(minutes=16)
    assert list(story.tell("retime", **placed_at(WANG, late))) == [
        (WORKER, NoticeKind.TIME_CHANGED),
        (FAMILY, NoticeKind.TIME_CHANGED),
    ]
    assert story.tell("retime", **placed_at(WANG, NINE)) == {}
    assert story.tell("retime", **placed_at(WANG, late)) == {}
    assert len(story.tell("retime", **placed_at(WANG, late - timedelta(minutes=21)))) == 2


def test_that_a_person_has_moved_it_to_an_earlier_time_is_told() -> None:
    story = Story().until("accepted")
    sooner = placed_at(WANG, NINE - timedelta(minutes=16))
    assert len(story.tell("retime", by="陈调度", **sooner)) == 2


def test_of_an_order_of_a_series_the_family_is_not_told_that_it_was_made() -> None:
    assert Story(order=an_order(series_id=UUID(int=77))).tell("place") == {}


def test_two_workers_who_end_together_are_one_notice_each_who_sets_out_is_another() -> None:
    story = Story(order=an_order(a_visit(0), a_visit(1)))
    story.tell("place")
    for visit, worker in enumerate((WANG, LI)):
        story.tell("accept", visit=visit, state="accepted", **placed_at(worker))
    story.now = NINE
    for visit in (0, 1):
        assert (FAMILY, NoticeKind.ON_THE_WAY) in story.tell("set_out", visit=visit, state="on_the_way")
    assert (FAMILY, NoticeKind.BEGUN) in story.tell("begin", visit=0, state="in_service", starts_at=NINE)
    assert story.tell("begin", visit=1, state="in_service", starts_at=NINE) == {}
    assert story.tell("end", visit=0, state="done", ends_at=NINE) == {}
    done = story.tell("end", visit=1, state="done", ends_at=NINE, order={"state": "done"})
    assert list(done) == [(FAMILY, NoticeKind.DONE)]


def test_what_a_worker_wrote_when_declining_is_not_passed_on() -> None:
    story = Story().until("accepted")
    event_words = story.tell("decline", state="waiting", waits_because="declined", **NOBODY_OF_OURS)
    assert event_words[FAMILY, NoticeKind.LOOKING].said.zh == (
        "王秀英明天（11月30日）9:00 的助浴，王师傅来不了。正在另找师傅，找到后马上告诉您。"
    )


def test_a_miss_blames_nobody_who_was_never_told() -> None:
    story = Story().until("planned")
    missed = story.tell("miss", state="missed", order={"state": "missed"})
    assert "没有人上门" in missed[FAMILY, NoticeKind.MISSED].said.zh


A_LIFE = [
    ("place", "waiting", {}),
    ("assign", "planned", placed_at(WANG)),
    ("offer", "offered", {}),
    ("accept", "accepted", {}),
    ("release", "waiting", {"waits_because": "worker_absent", **NOBODY_OF_OURS}),
    ("assign", "planned", placed_at(LI)),
    ("offer", "offered", {}),
    ("accept", "accepted", {}),
    ("set_out", "on_the_way", {}),
    ("begin", "in_service", {}),
]


def lived() -> tuple[Story, list[Message]]:
    """An order's life with a change of worker, and all that was said of it."""
    story, told = Story(), list[Message]()
    for move, state, changes in A_LIFE:
        told += story.tell(move, state=state, **changes).values()
    told += story.tell("end", state="done", order={"state": "done"}).values()
    return story, told


@examples(60)
@given(st.data())
def test_events_that_come_again_or_late_tell_each_thing_once(data: st.DataObject) -> None:
    """The bus repeats from an offset on; a letter that was set aside may even come after all others."""
    story, told = lived()
    count = len(story.events)
    order = list(range(count))
    for _ in range(data.draw(st.integers(0, 3))):
        repeated_from, at = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, len(order)))
        before = max((order[:at]), default=-1)
        order[at:at] = range(min(repeated_from, before + 1), before + 1)
    known, heard = OrderKnown(), list[Message]()
    for index in order:
        known, messages = decide(known, story.events[index], now=story.now, terms=story.terms)
        heard += messages
    assert [(m.to, m.told_once) for m in heard] == [(m.to, m.told_once) for m in told]
    for late in data.draw(st.lists(st.sampled_from(story.events), max_size=5)):
        after, messages = decide(known, late, now=story.now, terms=story.terms)
        assert (after, messages) == (known, [])


@examples(60)
@given(st.permutations(range(len(A_LIFE) + 1)))
def test_in_whatever_order_events_come_nothing_is_told_twice(order: list[int]) -> None:
    story, _ = lived()
    known, keys = OrderKnown(), list[tuple[Audience, str]]()
    for index in order:
        known, messages = decide(known, story.events[index], now=story.now, terms=story.terms)
        keys += [(message.to, message.told_once) for message in messages]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("name", "called"),
    [("王建国", "王师傅"), ("欧阳娜", "欧阳师傅"), ("李师傅", "李师傅"), ("Anna Li", "Anna Li")],
)
def test_a_worker_is_called_as_people_call_them(name: str, called: str) -> None:
    story = Story().until("accepted", PersonOnOrder(id=UUID(int=3), name=name))
    story.now = NINE
    assert called in story.tell("set_out", state="on_the_way")[FAMILY, NoticeKind.ON_THE_WAY].said.zh
