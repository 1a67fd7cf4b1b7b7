"""Repeats, data that grow and ids used again, on a real PostgreSQL: every happening is one press."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from contracts.device_event import DeviceEvent
from services.alarms import handlers
from services.alarms.identity import happening_of
from services.alarms.model import Outcome
from tests.examples import examples
from tests.integration.alarm_desk import Desk, a_device, all_of, an_event, later

HOME = {"lat": 30.2, "lon": 115.03}
GATE = {"lat": 30.3, "lon": 115.04, "fix": "gps"}


async def lines_of(desk: Desk, device: str) -> list[dict[str, Any]]:
    return await desk.rows(
        "SELECT c.kind, t.move, t.detail FROM alarm_timeline t JOIN alarm_cases c ON c.id = t.case_id"
        " WHERE c.device_id = %s ORDER BY t.recorded_at, t.seq",
        device,
    )


async def test_a_fall_under_the_id_of_an_sos_an_hour_ago_is_a_case_and_says_that_the_id_was_used_before(
    desk: Desk,
) -> None:
    device = a_device()
    await desk.raise_(an_event(device, event_id="7", data_digest="d1"))
    await desk.raise_(an_event(device, "fall", event_id="7", data_digest="d1", occurred_at=later(60)))
    assert sorted(case.kind for case in await desk.cases(device)) == ["fall", "sos"]
    said = [(line["kind"], line["detail"].get("remarks")) for line in await lines_of(desk, device)]
    assert said == [("sos", None), ("fall", [{"code": "id.reused", "sent": "7"}])]


async def test_the_same_id_and_type_at_another_time_joins_the_open_case_as_a_press_of_its_own(desk: Desk) -> None:
    device = a_device()
    for minute in (0, 60, 120):
        event = an_event(device, event_id="7", data_digest="d1", occurred_at=later(minute))
        await desk.raise_(event)
        await desk.raise_(event)
    case, hand = await desk.one(device), await desk.an_operator()
    assert (case.press_count, case.version) == (3, 3)
    rows = await desk.rows("SELECT occurred_at FROM alarm_case_events WHERE case_id = %s ORDER BY 1", case.id)
    assert [row["occurred_at"] for row in rows] == [later(0), later(60), later(120)]
    await desk.make(handlers.claim, case.id, hand)
    assert await desk.owed(device) == [("7", "answered", str(case.id))], "a receipt names the id once"


async def test_an_id_used_again_after_its_case_was_closed_opens_another(desk: Desk) -> None:
    device = a_device()
    first = an_event(device, event_id="7", data_digest="d1")
    await desk.raise_(first)
    case, hand = await desk.one(device), await desk.an_operator()
    await desk.make(handlers.claim, case.id, hand)
    await desk.make(handlers.close, case.id, hand, outcome=Outcome.FALSE_ALARM)
    await desk.raise_(first, an_event(device, event_id="7", data_digest="d2"))
    assert [case.state for case in await desk.cases(device)] == ["closed"], "a repeat, and one that has grown"
    await desk.raise_(an_event(device, event_id="7", data_digest="d1", occurred_at=later(60)))
    assert [case.state for case in await desk.cases(device)] == ["closed", "open"]


async def test_without_a_time_the_same_data_are_the_repeat_and_other_data_a_happening(desk: Desk) -> None:
    device = a_device()
    for digest in ("d1", "d1", "d2", "d1", "d2"):
        await desk.raise_(an_event(device, event_id="1", device_time=None, data_digest=digest))
    assert (await desk.one(device)).press_count == 2


async def test_a_device_has_one_note_a_day_that_it_uses_ids_again(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(*(an_event(device, event_id="1", occurred_at=later(minute)) for minute in range(3)))
    await desk.raise_(*(an_event(device, event_id="2", occurred_at=later(minute)) for minute in range(3)))
    rows = await desk.rows("SELECT note, event_id, times FROM device_notes WHERE device_id = %s", device)
    assert rows == [{"note": "id_reused", "event_id": "1", "times": 4}]


async def test_a_fix_found_since_is_taken_over_and_told_and_neither_counts_nor_rings(desk: Desk) -> None:
    device = a_device()
    blind = an_event(device, event_id="1", data_digest="d1")
    found = an_event(device, event_id="1", data_digest="d2", location=HOME, battery_pct=40)
    await desk.raise_(blind)
    opened = await desk.one(device)
    for event in (found, blind, found, found):
        await desk.raise_(event)
    case = await desk.one(device)
    assert case.location is not None
    assert (case.location.lat, case.located_at, case.battery_pct) == (30.2, found.occurred_at, 40)
    assert (case.press_count, case.version, case.rang_at) == (1, 2, opened.rang_at)
    assert [(told.move, told.case) for told in await desk.told(case.id)][1:] == [("grow", case.view())]
    (line,) = [line for line in await lines_of(desk, device) if line["move"] == "grow"]
    assert (line["detail"]["location"]["lat"], line["detail"]["battery_pct"]) == (30.2, 40)


async def test_what_grew_and_shows_nothing_new_is_no_line(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(an_event(device, event_id="1", data_digest="d1", location=HOME))
    await desk.raise_(an_event(device, event_id="1", data_digest="d2", location=HOME, data={"rssi": -71}))
    assert (await desk.one(device)).version == 1


async def test_readings_that_came_with_a_repeat_are_a_line(desk: Desk) -> None:
    device, readings = a_device(), [{"name": "heart_rate", "unit": "beat/min", "value": 118.0}]
    await desk.raise_(
        an_event(device, event_id="1", data_digest="d1"),
        an_event(device, event_id="1", data_digest="d2", readings=readings),
    )
    opened, grew = await lines_of(desk, device)
    assert (opened["move"], grew["move"], grew["detail"]["readings"]) == ("open", "grow", readings)


async def test_of_one_moment_the_better_fix_is_kept_whichever_came_first(desk: Desk) -> None:
    rough = {"lat": 30.9, "lon": 115.9, "fix": "cell", "accuracy_m": 900.0}
    for places in ([rough, GATE], [GATE, rough]):
        device = a_device()
        for n, place in enumerate(places):
            await desk.raise_(an_event(device, event_id="1", data_digest=f"d{n}", location=place))
        case = await desk.one(device)
        assert case.location is not None
        assert case.location.fix == "gps"


async def test_an_alarm_that_a_repeat_names_besides_is_an_alarm(desk: Desk) -> None:
    device = a_device()
    both = an_event(device, event_id="1", data_digest="d2", kinds=("sos", "low_battery"))
    await desk.raise_(an_event(device, event_id="1", data_digest="d1"))
    await desk.raise_(both)
    await desk.raise_(both)
    assert sorted((c.kind, c.press_count) for c in await desk.cases(device)) == [("low_battery", 1), ("sos", 1)]


async def test_what_a_repeat_says_of_an_event_that_said_nothing_is_taken(desk: Desk) -> None:
    device = a_device()
    both = {"kinds": ("low_battery", "sos"), "location": HOME}
    await desk.raise_(an_event(device, "low_battery", event_id="1", data_digest="of nothing"))
    await desk.raise_(an_event(device, "low_battery", event_id="1", data_digest="d1", **both))
    assert sorted((c.kind, c.press_count) for c in await desk.cases(device)) == [("low_battery", 1), ("sos", 1)]


async def test_a_place_of_an_event_before_the_case_was_opened_is_not_the_cases(desk: Desk) -> None:
    device, hand = a_device(), await desk.an_operator()
    await desk.raise_(an_event(device, event_id="1", data_digest="d1"))
    old = await desk.one(device)
    await desk.make(handlers.claim, old.id, hand)
    await desk.make(handlers.close, old.id, hand, outcome=Outcome.FALSE_ALARM)
    await desk.raise_(an_event(device, event_id="2", data_digest="d1", occurred_at=later(60)))
    await desk.raise_(an_event(device, event_id="1", data_digest="d2", location=HOME))
    assert [case.location for case in await desk.cases(device)] == [None, None]


async def test_a_fall_can_be_taken_back_twice_under_one_id(desk: Desk) -> None:
    device = a_device()
    for minute in (0, 60):
        await desk.raise_(an_event(device, "fall", event_id="f", occurred_at=later(minute)))
        await desk.raise_(an_event(device, "fall_cancelled", event_id="c", occurred_at=later(minute + 1)))
    case = await desk.one(device)
    assert (case.press_count, case.fall_cancelled_at) == (2, later(61))


async def test_a_press_and_its_grown_repeat_in_two_workers_at_once_are_one_press_with_a_place(desk: Desk) -> None:
    for standing in (False, True) * 3:
        device = a_device()
        if standing:
            await desk.raise_(an_event(device, event_id="0", occurred_at=later(-1)))
        blind = an_event(device, event_id="1", data_digest="d1")
        found = an_event(device, event_id="1", data_digest="d2", location=HOME)
        answers = await all_of(*(desk.raise_(event) for event in (blind, found, blind, found)))
        await desk.raise_(*([blind, found] if any(isinstance(answer, Exception) for answer in answers) else []))
        case = await desk.one(device)
        assert (case.press_count, case.location is not None) == (1 + standing, True)


async def test_what_was_heard_before_happenings_were_told_apart_is_neither_rung_anew_nor_masks_more_than_it_must(
    desk: Desk,
) -> None:
    """As the migration leaves them: named by type and time, by the type alone, or, where no line is, by nothing."""
    device = a_device()
    timed, timeless = an_event(device, event_id="timed"), an_event(device, event_id="timeless", device_time=None)
    for event_id, happening in [("timed", happening_of(timed)), ("timeless", "device.sos"), ("unknown", "")]:
        await desk.rows("INSERT INTO inbox (device_id, event_id, happening) VALUES (%s, %s, %s)",
                        device, event_id, happening)  # fmt: skip
    unknown = an_event(device, event_id="unknown")
    for event in (timed, timeless, unknown):
        for digest in (None, "d1", "d2"):
            await desk.raise_(event.model_copy(update={"data_digest": digest}))
    assert await desk.cases(device) == []
    await desk.raise_(an_event(device, "fall", event_id="timed", data_digest="d1"))
    await desk.raise_(an_event(device, "smoke", event_id="timeless", device_time=None, data_digest="d1"))
    assert sorted(case.kind for case in await desk.cases(device)) == ["fall", "smoke"]


# --- any sequence ---------------------------------------------------------------------------------------------------

PLACES = [None, HOME, {"lat": 30.25, "lon": 115.0, "fix": "cell"}, GATE]


def sent(name: str, kind: str, minute: int | None, place: int, battery: int | None, low: bool) -> dict[str, Any]:
    """One that a device might send; the same words are the same bytes."""
    at = later(30) if minute is None else later(minute)
    return {
        "event_id": name, "kind": kind, "wire_type": f"device.{kind}", "location": PLACES[place],
        "battery_pct": battery, "kinds": (kind, "low_battery") if low else (kind,), "occurred_at": at,
        "device_time": None if minute is None else at, "data_digest": f"{place}/{battery}/{low}",
    }  # fmt: skip


deliveries = st.lists(
    st.builds(
        sent,
        st.sampled_from("ab"),
        st.sampled_from(["sos", "fall", "test"]),
        st.sampled_from([None, 0, 1]),
        st.integers(0, len(PLACES) - 1),
        st.sampled_from([None, 20, 80]),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


def plainly(events: Sequence[DeviceEvent]) -> dict[str, tuple[Any, ...]]:
    """What the cases of one device must come to: kind → presses, place, charge. It knows of no order."""
    happenings = defaultdict[str, set[str]](set)
    places = defaultdict[str, list[tuple[datetime, int]]](list)
    charges = defaultdict[str, list[tuple[datetime, float]]](list)
    for event in events:
        for kind in event.kinds:
            happenings[kind].add(f"{event.event_id} {happening_of(event)}")
            if event.location:
                known = [place and (place["lat"], place["lon"]) for place in PLACES]
                fix = {None: 0, "cell": 1, "gps": 2}[event.location.fix]
                places[kind].append(
                    (event.occurred_at, fix * 10 + known.index((event.location.lat, event.location.lon)))
                )
            if event.battery_pct is not None:
                charges[kind].append((event.occurred_at, -event.battery_pct))
    return {
        kind: (
            len(names),
            PLACES[max(places[kind])[1] % 10] if places[kind] else None,
            -max(charges[kind])[1] if charges[kind] else None,
        )
        for kind, names in happenings.items()
    }


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=deliveries, chance=st.randoms(use_true_random=False))
async def test_any_deliveries_in_any_order_and_batches_make_the_cases_of_a_plain_model(
    desk: Desk, deliveries: list[dict[str, Any]], chance: Any
) -> None:
    device = a_device()
    events = [an_event(device, **words) for words in deliveries]
    again = [chance.choice(events) for _ in range(chance.randint(0, 4))]
    order = events + again
    chance.shuffle(order)
    while order:
        size = chance.randint(1, 4)
        batch, order = order[:size], order[size:]
        await desk.raise_(*batch)
    expected = plainly(events)
    tests, _, _ = expected.pop("test", (0, None, None))
    cases = {case.kind.value: case for case in await desk.cases(device)}
    assert {
        kind: (
            case.press_count,
            case.location and case.location.model_dump(include={"lat", "lon", "fix"}, exclude_none=True),
            case.battery_pct,
        )
        for kind, case in cases.items()
    } == expected
    notes = await desk.rows("SELECT note FROM device_notes WHERE device_id = %s", device)
    assert sum(row["note"] == "test" for row in notes) == tests
    ids, happenings = {e.event_id for e in events}, {(e.event_id, happening_of(e)) for e in events}
    assert ("id_reused" in [row["note"] for row in notes]) == (len(happenings) > len(ids))
    moves = [line["move"] for line in await lines_of(desk, device)]
    assert sum(move in ("open", "press") for move in moves) == sum(case.press_count for case in cases.values())
