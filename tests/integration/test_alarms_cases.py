"""Events become cases, and operators move them, on a real PostgreSQL."""

from itertools import permutations

import psycopg
import pytest

from contracts.alarm_kind import AlarmKind
from services.accounts.model import Scope
from services.alarms import handlers, rules
from services.alarms.model import AlarmMove, AlarmState, CallResult, IllegalMove, Outcome
from tests.integration.alarm_desk import Desk, a_device, an_event, later


async def test_a_press_opens_a_case_that_shows_who_it_is(desk: Desk) -> None:
    device = a_device()
    elder_id = await desk.an_elder(device)
    await desk.raise_(an_event(device, location={"lat": 30.2, "lon": 115.03}, battery_pct=41))
    case = await desk.one(device)
    assert (case.kind, case.state, case.priority, case.press_count) == ("sos", "open", 1, 1)
    assert case.elder is not None
    assert (case.elder.id, case.elder.name, case.elder.age) == (elder_id, "李秀英", 82)
    assert case.region_code == "420202001001"
    (told,) = await desk.told(case.id)
    assert (told.move, told.case) == ("open", case.view())


async def test_the_same_event_again_has_no_second_effect(desk: Desk) -> None:
    device = a_device()
    event = an_event(device, event_id="l1")
    await desk.raise_(event, event)
    await desk.raise_(event)
    case = await desk.one(device)
    assert (case.press_count, case.version) == (1, 1)


async def test_a_repeat_press_joins_counts_and_rings_again(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device, event_id="m1"))
    first = await desk.one(device)
    await desk.raise_(an_event(device, event_id="m2"), an_event(device, event_id="m3"))
    case = await desk.one(device)
    assert (case.id, case.press_count, case.version) == (first.id, 3, 3)
    assert case.rang_at > first.rang_at
    assert [told.move for told in await desk.told(case.id)] == ["open", "press", "press"]
    assert [told.case.version for told in await desk.told(case.id)] == [1, 2, 3]


async def test_two_devices_of_one_elder_press_into_one_case(desk: Desk) -> None:
    pendant, watch = a_device(), a_device()
    await desk.an_elder(pendant, watch)
    await desk.raise_(an_event(pendant), an_event(watch, occurred_at=later(1)))
    assert (await desk.one(pendant)).press_count == 2
    assert await desk.cases(watch) == []


async def test_different_kinds_are_different_cases_and_technical_ones_stay_apart(desk: Desk) -> None:
    device = a_device()
    kinds = ["sos", "fall", "low_battery", "tamper", "panic_v2", "panic_v3", "garbled", "garbled"]
    await desk.raise_(*(an_event(device, kind) for kind in kinds))
    cases = await desk.cases(device)
    assert sorted((c.kind.value, c.worklist, c.press_count) for c in cases) == [
        ("fall", False, 1),
        ("garbled", False, 2),
        ("low_battery", True, 1),
        ("sos", False, 1),
        ("tamper", True, 1),
        ("unknown", False, 1),
        ("unknown", False, 1),
    ]


async def test_a_device_that_measures_nonsense_has_one_technical_case_that_its_repeats_join(desk: Desk) -> None:
    device, other = a_device(), a_device()
    await desk.an_elder(device, other)
    told = {"kinds": (AlarmKind.DEVICE_FAULT,), "wire_type": None, "device_time": None}
    for n, name in enumerate(["heart_rate", "spo2", "heart_rate"]):
        data = {"name": name, "value": 400.0}
        await desk.raise_(an_event(device, "device_fault", event_id=f"fault-{name}-{n}", **told, data=data))
    await desk.raise_(an_event(other, "device_fault", event_id="fault-spo2-1", **told))
    case = await desk.one(device)
    assert (case.kind, case.priority, case.worklist, case.press_count) == ("device_fault", 5, True, 3)
    lines = await desk.rows("SELECT detail FROM alarm_timeline WHERE case_id = %s ORDER BY seq", case.id)
    assert [line["detail"]["fault"]["name"] for line in lines] == ["heart_rate", "spo2", "heart_rate"]
    assert (await desk.one(other)).id != case.id
    (owed,) = await desk.rows("SELECT count(*)::int AS n FROM alarm_case_events WHERE case_id = %s AND owed", case.id)
    assert owed["n"] == 0, "no device waits for a receipt of it"


async def test_low_battery_and_sos_in_one_event_are_two_cases_told_sos_first(desk: Desk) -> None:
    device = a_device()
    moves = await desk.raise_(an_event(device, "low_battery", kinds=("low_battery", "sos")))
    assert [moved.case.kind for moved in moves] == ["sos", "low_battery"]


async def test_a_test_is_recorded_and_opens_nothing(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device, "test"), an_event(device, "command_result", data={"command_id": "c1"}))
    assert await desk.cases(device) == []
    rows = await desk.rows("SELECT note, data FROM device_notes WHERE device_id = %s ORDER BY note", device)
    assert rows == [{"note": "command_result", "data": {"command_id": "c1"}}, {"note": "test", "data": {}}]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_fall_taken_back_is_annotated_whatever_arrives_first(desk: Desk, order: tuple[int, ...]) -> None:
    device = a_device()
    events = [
        an_event(device, "fall", occurred_at=later(0)),
        an_event(device, "fall_cancelled", occurred_at=later(1)),
        an_event(device, "sos", occurred_at=later(2)),
    ]
    for n in order:
        await desk.raise_(events[n])
    fall, sos = sorted(await desk.cases(device), key=lambda c: c.kind)
    assert (fall.kind, fall.state, fall.fall_cancelled_at) == ("fall", "open", later(1))
    assert (sos.kind, sos.fall_cancelled_at) == ("sos", None)


async def test_a_new_fall_after_the_cancellation_stands(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device, "fall"), an_event(device, "fall_cancelled", occurred_at=later(1)))
    await desk.raise_(an_event(device, "fall", occurred_at=later(2)))
    case = await desk.one(device)
    assert (case.press_count, case.fall_cancelled_at) == (2, None)


async def test_a_case_goes_from_claim_to_close_and_the_device_is_told(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device, event_id="a1"), an_event(device, event_id="a2"))
    case, hand = await desk.one(device), await desk.an_operator()
    await desk.make(handlers.claim, case.id, hand)
    assert sorted(await desk.owed(device)) == [(e, "answered", str(case.id)) for e in ("a1", "a2")]
    await desk.make(handlers.call, case.id, hand, contact_id=None, number_label="女儿")
    await desk.make(handlers.call_done, case.id, hand, result=CallResult.NO_ANSWER)
    await desk.raise_(an_event(device, event_id="a3"))
    assert (await desk.one(device)).state == AlarmState.CLAIMED
    await desk.make(handlers.respond, case.id, hand, who="李师傅")
    await desk.make(handlers.note, case.id, hand, text="家属在路上")
    closed = await desk.make(handlers.close, case.id, hand, outcome=Outcome.RESPONDER_ATTENDED)
    assert (closed.state, closed.claimed_by, closed.outcome) == ("closed", None, "responder_attended")
    assert (await desk.one(device)) == closed
    receipts = await desk.owed(device)
    assert sorted((e, s) for e, s, _ in receipts) == [
        (e, s) for e in ("a1", "a2", "a3") for s in ("answered", "closed")
    ]
    rows = await desk.rows("SELECT move, actor_name FROM alarm_timeline WHERE case_id = %s ORDER BY seq", case.id)
    assert [row["move"] for row in rows] == [
        "open", "press", "claim", "call", "call_done", "press", "respond", "note", "close",
    ]  # fmt: skip
    assert [row["actor_name"] for row in rows].count("王芳") == 6
    assert [told.case.version for told in await desk.told(case.id)] == list(range(1, 10))


async def test_a_garbled_message_is_owed_no_receipt(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device, "garbled"))
    case, hand = await desk.one(device), await desk.an_operator()
    await desk.make(handlers.claim, case.id, hand)
    await desk.make(handlers.close, case.id, hand, outcome=Outcome.DEVICE_FAULT)
    assert await desk.owed(device) == []


async def test_only_the_holder_may_work_on_a_case(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device))
    case, holder, other = await desk.one(device), await desk.an_operator(), await desk.an_operator("陈强")
    with pytest.raises(rules.NotClaimed):
        await desk.make(handlers.close, case.id, other, outcome=Outcome.TEST)
    await desk.make(handlers.claim, case.id, holder)
    with pytest.raises(rules.ClaimedByOther):
        await desk.make(handlers.close, case.id, other, outcome=Outcome.TEST)
    await desk.make(handlers.note, case.id, other, text="我认识这位老人")
    supervisor = await desk.an_operator("值班长", "supervisor")
    assert (await desk.make(handlers.release, case.id, supervisor)).state == AlarmState.OPEN


async def test_unreachable_needs_a_note(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device))
    case, hand = await desk.one(device), await desk.an_operator()
    await desk.make(handlers.claim, case.id, hand)
    with pytest.raises(rules.NoteNeeded):
        await desk.make(handlers.close, case.id, hand, outcome=Outcome.UNREACHABLE, note=" ")


async def test_a_press_after_the_close_is_a_new_case_and_the_old_one_stays_closed(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device))
    old, hand = await desk.one(device), await desk.an_operator()
    await desk.make(handlers.claim, old.id, hand)
    await desk.make(handlers.close, old.id, hand, outcome=Outcome.FALSE_ALARM)
    await desk.raise_(an_event(device))
    assert [case.state for case in await desk.cases(device)] == ["closed", "open"]
    with pytest.raises(rules.OpenElsewhere):
        await desk.make(handlers.reopen, old.id, hand, reason="误关")


async def test_a_reopened_case_rings_and_can_be_claimed_again(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device))
    case, hand = await desk.one(device), await desk.an_operator()
    await desk.make(handlers.claim, case.id, hand)
    closed = await desk.make(handlers.close, case.id, hand, outcome=Outcome.FALSE_ALARM)
    reopened = await desk.make(handlers.reopen, case.id, hand, reason="误关")
    assert (reopened.state, reopened.outcome, reopened.closed_at) == ("open", None, None)
    assert reopened.rang_at > closed.rang_at
    assert (await desk.make(handlers.claim, case.id, hand)).state == AlarmState.CLAIMED


async def test_the_same_idempotency_key_moves_once(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device))
    case, hand = await desk.one(device), await desk.an_operator()
    keyed = handlers.Hand(actor=hand.actor, scope=hand.scope, idempotency_key="k1")
    first = await desk.make(handlers.note, case.id, keyed, text="一次")
    again = await desk.make(handlers.note, case.id, keyed, text="一次")
    assert (first.version, again.version) == (2, 2)


async def test_a_stale_version_is_refused(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device), an_event(device))
    case, hand = await desk.one(device), await desk.an_operator()
    stale = handlers.Hand(actor=hand.actor, scope=hand.scope, if_version=1)
    with pytest.raises(rules.StaleVersion):
        await desk.make(handlers.claim, case.id, stale)


async def test_a_case_of_another_county_does_not_exist_for_the_caller(desk: Desk) -> None:
    device, stray = a_device(), a_device()
    await desk.an_elder(device)
    await desk.raise_(an_event(device), an_event(stray))
    far = await desk.an_operator(scope=rules_scope("420281"))
    with pytest.raises(rules.CaseNotFound):
        await desk.make(handlers.claim, (await desk.one(device)).id, far)
    bound_to_nobody = await desk.one(stray)
    assert (await desk.make(handlers.claim, bound_to_nobody.id, far)).state == AlarmState.CLAIMED


def rules_scope(region: str) -> Scope:

    return Scope((region,))


async def test_a_line_of_the_timeline_can_be_neither_changed_nor_deleted(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device))
    for statement in ("UPDATE alarm_timeline SET move = 'x'", "DELETE FROM alarm_timeline", "TRUNCATE alarm_timeline"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await desk.rows(statement)


async def test_an_illegal_move_changes_nothing(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device))
    case, hand = await desk.one(device), await desk.an_operator()
    await desk.make(handlers.claim, case.id, hand)
    with pytest.raises(IllegalMove) as refused:
        await desk.make(handlers.call_done, case.id, hand, result=CallResult.ANSWERED)
    assert refused.value.members == {"state": "claimed", "move": AlarmMove.CALL_DONE}
    assert (await desk.one(device)).version == 2
