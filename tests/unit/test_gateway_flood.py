"""A device that sends without pause, at the gateway: what is kept, what is acknowledged, and who waits for whom."""

import asyncio
import json

from gateway_scene import NOW, PRESS, Scene, a_press
from hypothesis import given
from hypothesis import strategies as st

from backbone.letter_bounds import WHOLE_LETTERS
from contracts.alarm_kind import AlarmKind
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent, DeviceStatus
from contracts.telemetry import decode_batch
from contracts.topics import DEAD_LETTER, DEVICE_STATUS, DEVICE_TELEMETRY
from ingest_gateway.flood.bulk_pace import STATUSES_AT_ONCE
from ingest_gateway.flood.counting import GATHER_MESSAGES
from ingest_gateway.flood.pace import SINGLY
from tests.examples import examples


async def test_a_flood_is_few_records_and_every_press_is_accepted_once() -> None:
    scene = Scene(max_messages=5000)
    scene.presses(1, 2001)
    await scene.settled()
    assert sum(event.times for event in scene.told()) == 2000
    assert len([event for event in scene.told() if event.times > 1]) <= (2000 - SINGLY) / GATHER_MESSAGES + 1
    assert sorted(scene.accepted(), key=int) == [str(number) for number in range(1, 2001)]
    assert sorted(scene.connection.acknowledged) == list(range(1, 2001))
    assert max(len(items) for _, items in scene.connection.receipts) <= 256
    assert (scene.held.messages, scene.held.bytes) == (0, 0)


async def test_nothing_of_a_flood_is_acknowledged_before_it_is_kept() -> None:
    scene = Scene(max_messages=5000)
    scene.presses(1, SINGLY + 1)
    await scene.settled()
    scene.bus.open.clear()
    scene.presses(1001, 1101)
    await asyncio.sleep(0.4)
    assert len(scene.accepted()) == len(scene.connection.acknowledged) == SINGLY
    scene.bus.open.set()
    await scene.settled()
    assert len(scene.accepted()) == len(scene.connection.acknowledged) == SINGLY + 100


async def test_the_first_of_another_kind_does_not_wait_for_what_is_gathered() -> None:
    scene = Scene(max_messages=5000)
    scene.presses(1, SINGLY + 51)
    scene.presses(1001, 1002, kind="fall")
    await asyncio.sleep(0.05)
    assert AlarmKind.FALL in {kind for event in scene.told() for kind in event.kinds}
    assert "1001" in scene.accepted()
    await scene.settled()


async def test_a_press_of_another_device_is_kept_before_what_came_ahead_of_it() -> None:
    scene = Scene(max_messages=5000, max_bytes=20_000_000)
    garbage = b"[" + b"1," * 25_000 + b"1]"
    scene.event(*[garbage] * 12)
    scene.event(PRESS, device="W-2", start=50)
    await scene.settled()
    assert scene.told()[0].device_id == "W-2X"


async def test_repeats_in_a_flood_are_accepted_again_and_not_counted_again() -> None:
    scene = Scene(max_messages=5000)
    scene.presses(1, SINGLY + 101)
    await scene.settled()
    kept = sum(event.times for event in scene.told())
    scene.presses(SINGLY + 1, SINGLY + 101)
    await scene.settled()
    assert sum(event.times for event in scene.told()) == kept == SINGLY + 100
    assert len(scene.accepted()) == SINGLY + 200


async def test_an_array_partly_beyond_the_pace_is_acknowledged_when_all_of_it_is_kept() -> None:
    scene = Scene()
    scene.presses(1, SINGLY)
    await scene.settled()
    scene.event(b"[%b]" % b",".join([a_press(n) for n in range(9001, 9004)] + [a_press(9004, "sos")]), start=777)
    await asyncio.sleep(0.05)
    assert {"9001", "9004"} <= set(scene.accepted()), "one help request was left of the pace, and the SOS"
    assert not {"9002", "9003"} & set(scene.accepted())
    assert 777 not in scene.connection.acknowledged
    await scene.settled()
    assert {"9002", "9003"} <= set(scene.accepted())
    assert scene.connection.acknowledged.count(777) == 1


async def test_garbage_without_pause_is_one_growing_case_and_few_letters() -> None:
    scene = Scene(max_messages=5000)
    scene.event(*[b"garbage %d" % number for number in range(1000)])
    await scene.settled()
    assert {event.kinds for event in scene.told()} == {(AlarmKind.GARBLED,)}
    assert sum(event.times for event in scene.told()) == 1000
    assert len(scene.bus.of(DEAD_LETTER.name)) == WHOLE_LETTERS
    assert sum(len(items) for _, items in scene.connection.receipts) == 1000
    scene.clock += 61
    (letter,) = [DeadLetter.read(record.value) for record in scene.book.due() if record.topic == DEAD_LETTER.name]
    assert letter.counted is not None
    assert letter.counted.letters == 1000 - WHOLE_LETTERS


async def test_long_messages_without_pause_are_not_read_and_not_accepted_but_a_press_among_them_is() -> None:
    scene = Scene(max_messages=5000, max_bytes=100_000_000)
    scene.event(*[b"%d" % number + b"x" * 60_000 for number in range(200)])
    scene.event(PRESS, start=500)
    await scene.settled()
    assert len(scene.connection.acknowledged) == 201
    assert scene.accepted() == ["a1"]
    assert sum(event.times for event in scene.told() if event.kinds == (AlarmKind.GARBLED,)) < 50
    scene.clock += 2
    (flood,) = [DeviceEvent.read(r.value) for r in scene.book.due() if r.topic != DEAD_LETTER.name]
    assert flood.kinds == (AlarmKind.FLOOD,)
    assert flood.data["unread"] > 150


async def test_a_flood_whose_record_cannot_be_kept_for_a_fault_of_ours_is_not_acknowledged() -> None:
    scene = Scene()
    scene.presses(1, SINGLY + 1)
    await scene.settled()
    scene.bus.troubles = [ValueError("a bug")]
    scene.presses(501, 503)
    await scene.settled()
    assert (len(scene.accepted()), scene.held.messages) == (SINGLY, 0)


async def test_what_is_gathered_when_the_gateway_ends_is_kept_at_once() -> None:
    scene = Scene(gather=60)
    scene.presses(1, SINGLY + 11)
    scene.events.close()
    await scene.settled()
    assert len(scene.accepted()) == SINGLY + 10


async def test_a_device_that_connects_without_pause_is_told_by_its_last_word() -> None:
    scene = Scene()
    words = [json.dumps({"online": n % 2 == 0, "firmware": f"{n}"}).encode() for n in range(400)]
    scene.other("status", *words)
    await scene.settled()
    scene.bulk.tell_late()
    await scene.settled()
    told = [DeviceStatus.read(value).firmware for value in scene.bus.of(DEVICE_STATUS.name)]
    assert told == [f"{n}" for n in range(STATUSES_AT_ONCE)] + ["399"]
    assert scene.connection.acknowledged == list(range(1, 401))


async def test_telemetry_without_end_is_taken_up_to_the_pace_and_then_counted() -> None:
    scene = Scene(max_messages=5000, max_bytes=200_000_000)
    scene.other("telemetry", *[b"[%b]" % (b"1" * 60_000)] * 2000)
    await scene.settled()
    taken = [m for value in scene.bus.of(DEVICE_TELEMETRY.name) for m in decode_batch(value)]
    assert 130 < len(taken) < 150
    assert len(scene.connection.acknowledged) == 2000
    scene.clock += 61
    letters = [DeadLetter.read(record.value) for record in scene.book.due() if record.topic == DEAD_LETTER.name]
    assert [letter.counted.letters for letter in letters if letter.counted] == [2000 - len(taken)]


pieces = st.lists(
    st.tuples(st.sampled_from(["help_request", "sos", "low_battery"]), st.integers(1, 150), st.booleans()), max_size=6
)


@given(pieces)
@examples(15)
def test_whatever_the_pattern_each_press_is_counted_and_accepted(arrivals: list[tuple[str, int, bool]]) -> None:
    async def play() -> None:
        scene = Scene(max_messages=50_000, gather=0.01)
        next_id = 1
        for kind, count, repeated in arrivals:
            scene.presses(next_id, next_id + count, kind=kind)
            if repeated:
                await scene.settled()
                scene.presses(next_id + count - 1, next_id + count, kind=kind)
            next_id += count
        await scene.settled()
        distinct = {(event.event_id, event.times) for event in scene.told()}
        assert sum(times for _, times in distinct) == next_id - 1
        assert set(scene.accepted()) == {str(number) for number in range(1, next_id)}
        assert scene.held.messages == 0
        assert all(event.received_at == NOW for event in scene.told())

    asyncio.run(play())
