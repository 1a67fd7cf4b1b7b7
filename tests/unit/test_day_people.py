"""The simulated people behave as the pages do: what a phone did without network is sent once, in its order."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from device_sim.people.ordering import GoesWithout, place
from device_sim.people.session import Refused
from device_sim.people.wishes import KINDS, MINUTE, Manners, Wish
from device_sim.people.worker import Phone

NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
CALM = Manners(
    answers_after_min=(0, 0), declines=0, ignores=0, stays_away=0, pace=1, double_taps=0, offline=None, sick_at=None
)
BATH = next(kind for kind in KINDS if kind.code == "bath_assisted")


@dataclass
class AClock:
    at: datetime = NOON
    speed: float = 1.0

    def now(self) -> datetime:
        return self.at

    def seconds_until(self, moment: datetime) -> float:
        return max(0.0, (moment - self.at).total_seconds())


@dataclass
class APlatform:
    """Answers by path; what was posted is kept."""

    answers: dict[str, Any] = field(default_factory=dict)
    posted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def get(self, path: str, **_: Any) -> Any:
        return self.answers[path]

    async def post(self, path: str, body: dict[str, Any], **_: str) -> Any:
        self.posted.append((path, body))
        answer = self.answers.get(path, {"order": {"id": "order"}})
        if isinstance(answer, Exception):
            raise answer
        return answer


@asynccontextmanager
async def a_phone(platform: APlatform, clock: AClock, manners: Manners = CALM) -> AsyncIterator[Phone]:
    phone = Phone(platform, clock, manners, Random(1), saw=Counter(), shown=asyncio.Event())  # type: ignore[arg-type]
    sending = asyncio.create_task(phone.send())
    yield phone
    sending.cancel()


async def test_what_a_phone_did_without_network_is_sent_afterwards_in_order_with_its_moments() -> None:
    platform, clock = APlatform(), AClock()
    async with a_phone(platform, clock, replace(CALM, offline=(NOON, NOON + 30 * MINUTE))) as phone:
        phone.act("visit", "begin")
        clock.at += 20 * MINUTE
        phone.act("visit", "end")
        await asyncio.sleep(0)
        assert platform.posted == []
        clock.at = NOON + 31 * MINUTE
        phone.try_again()
        await phone.all_sent.wait()
    assert [body["move"] for _, body in platform.posted] == ["begin", "end"]
    assert [body["device_at"] for _, body in platform.posted] == [NOON.isoformat(), (NOON + 20 * MINUTE).isoformat()]


async def test_a_double_tap_carries_the_same_id_twice() -> None:
    platform = APlatform()
    async with a_phone(platform, AClock(), replace(CALM, double_taps=1)) as phone:
        phone.act("visit", "accept")
        await phone.all_sent.wait()
    (_, first), (_, second) = platform.posted
    assert first["move_id"] == second["move_id"]


async def test_what_the_platform_refuses_does_not_hold_up_what_was_done_after_it() -> None:
    platform = APlatform({"/visits/gone/moves": Refused(409, {"code": "orders.not_with_you"})})
    async with a_phone(platform, AClock()) as phone:
        phone.act("gone", "begin")
        phone.act("visit", "begin")
        await phone.all_sent.wait()
    assert [path for path, _ in platform.posted] == ["/visits/gone/moves", "/visits/visit/moves"]
    assert phone.refused == {"gone"}


def a_market(**slots: Any) -> APlatform:
    offer = {"provider_id": "provider", "price_fen": 100}
    told = {"checked": True, "free": False, "nearest": [], "times": [], **slots}
    items = [{"code": "bath_assisted", "reasons": [], "offers": [offer]}]
    return APlatform({"/elders/elder/catalogue": {"items": items}, "/elders/elder/slots": told})


A_WISH = Wish(at=NOON, home=0, kind=BATH, for_when=NOON + timedelta(days=1))


async def test_a_family_takes_the_nearest_time_that_can_be_served() -> None:
    near, far = (NOON + timedelta(days=1, minutes=minutes) for minutes in (30, 90))
    market = a_market(nearest=[far.isoformat(), near.isoformat()])
    await place(market, "elder", A_WISH)  # type: ignore[arg-type]
    ((path, form),) = market.posted
    assert (path, form["wished_from"]) == ("/orders", near.isoformat())


async def test_where_no_time_can_be_served_nothing_is_ordered() -> None:
    market = a_market()
    with pytest.raises(GoesWithout):
        await place(market, "elder", A_WISH)  # type: ignore[arg-type]
    assert market.posted == []
