"""What one device can make PostgreSQL keep: lines, events and notes of a flood are bounded, and the count is right."""

from services.alarms.bounds import NOTES, WHOLE_LINES
from tests.integration.alarm_desk import Desk, a_device, an_event, later

SECOND = 1 / 60


async def rows_of(desk: Desk, table: str, device: str) -> int:
    (row,) = await desk.rows(
        f"SELECT count(*) AS n FROM {table} WHERE case_id IN (SELECT id FROM alarm_cases WHERE device_id = %s)",
        device,
    )
    return int(row["n"])


async def flood(desk: Desk, device: str, presses: int) -> None:
    """In batches, as they come."""
    events = [an_event(device, battery_pct=50) for _ in range(presses)]
    for start in range(0, presses, 250):
        await desk.raise_(*events[start : start + 250])


async def test_a_flood_of_presses_is_counted_and_leaves_as_many_rows_as_the_first_of_it(desk: Desk) -> None:
    device = a_device()
    await flood(desk, device, 1000)
    case = await desk.one(device)
    assert (case.press_count, case.version, case.counted) == (1000, WHOLE_LINES, 1000 - WHOLE_LINES)
    assert await rows_of(desk, "alarm_timeline", device) == WHOLE_LINES
    assert await rows_of(desk, "alarm_case_events", device) == WHOLE_LINES
    assert len(await desk.told(case.id)) == WHOLE_LINES


async def test_after_a_minute_of_it_the_next_press_rings_with_the_count_and_is_told(desk: Desk) -> None:
    device = a_device()
    await flood(desk, device, WHOLE_LINES)
    await desk.raise_(*(an_event(device, occurred_at=later(n * SECOND), received_at=later(0)) for n in range(1, 8)))
    await desk.rows("UPDATE alarm_cases SET rang_at = rang_at - interval '61 seconds' WHERE device_id = %s", device)
    before = await desk.one(device)
    await desk.raise_(an_event(device), an_event(device))
    case = await desk.one(device)
    assert (case.press_count, case.version, case.counted) == (WHOLE_LINES + 9, WHOLE_LINES + 1, 1)
    assert case.rang_at > before.rang_at
    assert (await desk.told(case.id))[-1].case.press_count == WHOLE_LINES + 8
    (line,) = await desk.rows(
        "SELECT detail->'counted' AS counted FROM alarm_timeline WHERE case_id = %s AND seq = %s", case.id, case.version
    )
    assert line["counted"] == {"times": 7, "from": later(SECOND).isoformat(), "to": later(7 * SECOND).isoformat()}


async def test_notes_of_one_kind_beyond_the_bound_are_counted_on_the_latest_which_tells_the_newest(desk: Desk) -> None:
    device, beyond = a_device(), 20
    for n in range(NOTES.notes + beyond):
        await desk.raise_(an_event(device, "test", event_id=f"{n}", occurred_at=later(n), data={"n": n}))
    await desk.raise_(an_event(device, "command_result", data={"command_id": "c1"}))
    rows = await desk.rows(
        "SELECT note, times, occurred_at, data FROM device_notes WHERE device_id = %s ORDER BY occurred_at", device
    )
    tests = [row for row in rows if row["note"] == "test"]
    assert len(tests) == NOTES.notes
    assert len(rows) == NOTES.notes + 1
    assert [row["times"] for row in tests] == [1] * (NOTES.notes - 1) + [1 + beyond]
    last = NOTES.notes + beyond - 1
    assert (tests[-1]["occurred_at"], tests[-1]["data"]) == (later(last), {"n": last})


async def test_notes_of_another_hour_have_room_again(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(*(an_event(device, "test") for _ in range(NOTES.notes)))
    await desk.rows(
        "UPDATE device_notes SET recorded_at = recorded_at - interval '61 minutes' WHERE device_id = %s", device
    )
    await desk.raise_(an_event(device, "test"))
    rows = await desk.rows("SELECT times FROM device_notes WHERE device_id = %s", device)
    assert [row["times"] for row in rows] == [1] * (NOTES.notes + 1)


async def test_a_fall_is_taken_back_by_the_newest_of_many_cancellations(desk: Desk) -> None:
    device = a_device()
    await desk.raise_(*(an_event(device, "fall_cancelled", occurred_at=later(-60)) for _ in range(NOTES.notes + 5)))
    await desk.raise_(an_event(device, "fall"))
    assert (await desk.one(device)).fall_cancelled_at is None
    await desk.raise_(an_event(device, "fall_cancelled", occurred_at=later(1)))
    assert (await desk.one(device)).fall_cancelled_at == later(1)


async def test_three_hundred_invented_types_are_six_open_cases(desk: Desk) -> None:
    device = a_device()
    for start in range(0, 300, 30):
        await desk.raise_(*(an_event(device, f"invented_{n}") for n in range(start, start + 30)))
    cases = await desk.cases(device)
    assert sorted(case.press_count for case in cases) == [1, 1, 1, 1, 1, 295]
