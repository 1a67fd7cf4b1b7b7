"""What people are told when an elder goes to hospital, comes home, moves or dies: whole sentences, with tact."""

from datetime import date
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from contracts.elder import ElderLifeChanged
from contracts.order import OrderMoved, PersonOnOrder
from services.notify import rules_life
from services.notify.model import Audience, NoticeKind, Said
from services.notify.words import LIVES
from tests.unit.notice_scene import NOW, Heard, Story

WOMAN = PersonOnOrder(id=UUID(int=5), name="王秀英")
LATER = date(2026, 12, 10)
SAID: list[dict[str, Any]] = [
    {"move": "to_hospital", "state": "in_hospital", "until_day": LATER},
    {"move": "to_hospital", "state": "in_hospital"},
    {"move": "go_away", "state": "away", "from_day": date(2026, 12, 1), "until_day": LATER},
    {"move": "come_home", "state": "in_hospital", "until_day": date(2026, 11, 29)},
    {"move": "relocate", "state": "at_home", "region_code": "420281104214"},
    {"move": "move_out", "state": "moved_out"},
    {"move": "return", "state": "at_home"},
    {"move": "die", "state": "died"},
    {"move": "correct", "state": "at_home"},
]


def heard(said: dict[str, Any], visits: int = 0) -> dict[Audience, Said]:
    event = ElderLifeChanged(
        **{
            "elder": WOMAN, "version": 1, "region_code": "420202001001", "region_before": "420202001001",
            "from_day": date(2026, 11, 29), "visits_ended": visits, "actor_name": "李女士", "by_family": True,
            "at": NOW,
        } | said
    )  # fmt: skip
    return {message.to: message.said for message in rules_life.decide(event, now=NOW)}


@pytest.mark.parametrize(("said", "visits"), [*product(SAID, (0, 1, 4))])
def test_each_is_told_in_whole_sentences_that_name_her(said: dict[str, Any], visits: int) -> None:
    told = heard(said, visits)
    assert set(told) & {Audience.FAMILY, Audience.BEREAVED}
    for zh, en in told.values():
        assert "王秀英" in zh
        assert "王秀英" in en
        assert zh.endswith("。")
        assert en.endswith(".")
        assert "  " not in en


def test_in_hospital_the_family_reads_what_was_cancelled_and_when_it_goes_on() -> None:
    assert heard(SAID[0], 4)[Audience.FAMILY].zh == (
        "王秀英住院，这段时间的服务暂停。约好的 4 次已取消，不收费用。12月10日周四起定期服务自动恢复。"
    )


def test_the_bereaved_are_told_nothing_of_fees_orders_or_counts() -> None:
    (zh, en) = heard({"move": "die", "state": "died"}, 4)[Audience.BEREAVED]
    assert not any(word in zh for word in ("费", "取消", "订单", "4", "评价"))
    assert not any(word in en.lower() for word in ("fee", "charge", "cancel", "order", "4", "rate"))


def test_the_new_county_is_asked_to_look_after_who_has_moved_there() -> None:
    assert "搬来" in heard(SAID[4])[Audience.ON_DUTY].zh
    assert Audience.ON_DUTY not in heard({"move": "relocate", "state": "at_home"})


def called_off(reason: str, state: str = "on_the_way", to: str = "cancelled") -> Heard:
    story = Story().until(state)
    visits = tuple(visit.model_copy(update={"state": to}) for visit in story.order.visits)
    order = story.order.model_copy(
        update={"version": story.order.version + 1, "state": to, "visits": visits, "cancel_fee_fen": 0}
    )
    return story.hear(OrderMoved(move="cancel", at=story.now, actor_name="李值班", reason=reason, order=order))


@pytest.mark.parametrize("reason", list(LIVES))
def test_whoever_is_on_the_way_is_told_at_once_and_the_family_not_once_more(reason: str) -> None:
    told = called_off(reason)
    assert {who for who, _ in told} == {Audience.WORKER, Audience.PROVIDER}
    worker = told[Audience.WORKER, NoticeKind.CANCELLED]
    assert worker.hold.total_seconds() == 0
    assert "不用去了" in worker.said.zh


def test_on_the_way_to_a_dead_womans_door_one_is_told_with_tact() -> None:
    worker = called_off("elder.died")[Audience.WORKER, NoticeKind.CANCELLED]
    assert worker.said.zh == "王秀英老人已经离世，今天 9:00 的助浴不用去了，也请不要打电话打扰家属。"


def test_what_is_broken_off_by_it_is_told_to_who_is_there() -> None:
    told = called_off("elder.in_hospital", state="in_service", to="interrupted")
    assert {who for who, _ in told} == {Audience.WORKER, Audience.PROVIDER}
