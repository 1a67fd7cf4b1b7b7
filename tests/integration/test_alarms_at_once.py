"""Two at once, on a real PostgreSQL: operators for one case, workers for one event, a press and an operator's move."""

import asyncio
from typing import Any

from services.alarms import handlers, rules
from services.alarms.model import AlarmCase, Moved, Outcome
from tests.integration.alarm_desk import Desk, a_device, all_of, an_event


async def test_the_same_event_in_two_workers_at_once_is_one_press(desk: Desk) -> None:
    device = a_device()
    event = an_event(device, event_id="twice")
    await all_of(desk.raise_(event), desk.raise_(event), desk.raise_(event))
    assert (await desk.one(device)).press_count == 1


async def test_two_operators_claim_at_once_and_exactly_one_gets_it(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device))
    case = await desk.one(device)
    hands = [await desk.an_operator(name) for name in ("王芳", "陈强", "刘洋")]
    answers = await all_of(*(desk.make(handlers.claim, case.id, hand) for hand in hands))
    (winner,) = [answer for answer in answers if not isinstance(answer, Exception)]
    refused = [answer for answer in answers if isinstance(answer, rules.ClaimedByOther)]
    assert len(refused) == 2
    assert {error.members["claimed_by"]["name"] for error in refused} == {winner.claimed_by.name}
    assert [told.move for told in await desk.told(case.id)] == ["open", "claim"]


async def test_two_operators_taking_the_next_case_get_two(desk: Desk) -> None:
    await desk.rows("UPDATE alarm_cases SET state = 'closed', closed_at = now(), claimed_by = NULL, lease_until = NULL")
    devices = [a_device(), a_device()]
    await desk.raise_(*(an_event(device) for device in devices))
    hands = [await desk.an_operator(name) for name in ("王芳", "陈强", "刘洋")]

    async def next_for(hand: handlers.Hand) -> object:
        async with desk.db.transaction() as tx:
            return await handlers.claim_next(tx, hand)

    got = await all_of(*(next_for(hand) for hand in hands))
    assert len({case.id for case in got if case is not None}) == 2
    assert got.count(None) == 1


async def test_a_press_that_comes_while_a_case_is_closed_waits_and_is_a_new_case(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device))
    old, hand = await desk.one(device), await desk.an_operator()
    await desk.make(handlers.claim, old.id, hand)
    press = await pressed_during(desk, device, handlers.close, old, hand, outcome=Outcome.FALSE_ALARM)
    assert [moved.case.id for moved in press] != [old.id]
    assert [(case.state, case.press_count) for case in await desk.cases(device)] == [("closed", 1), ("open", 1)]


async def test_a_press_that_comes_while_a_case_is_claimed_waits_and_joins_it_as_it_is_then(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device))
    case, hand = await desk.one(device), await desk.an_operator()
    await pressed_during(desk, device, handlers.claim, case, hand)
    joined = await desk.one(device)
    assert (joined.state, joined.press_count, joined.version) == ("claimed", 2, 3)


async def pressed_during(
    desk: Desk, device: str, move: Any, case: AlarmCase, hand: handlers.Hand, **words: Any
) -> list[Moved]:
    """The press is heard while the move is made and not yet committed; it must wait for it."""
    async with desk.db.transaction(actor=hand.actor.id) as tx:
        await move(tx, case.id, hand, **words)
        press = asyncio.create_task(desk.raise_(an_event(device)))
        done, _ = await asyncio.wait([press], timeout=0.3)
        assert not done
    return await press
