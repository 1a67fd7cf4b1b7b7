"""Facts of devices and desks: which press is which, which ten minutes, and how alarms are shared."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.device_event import DeviceEvent
from services.metrics import facts_devices
from services.metrics.facts import case_fact
from services.metrics.facts_devices import hours_of, press_fact
from services.metrics.facts_load import WINDOW, OnShift, common_region, looked_facts, rang_fact, shares, window_at
from services.metrics.model import Subject
from services.metrics.store_facts import START, linked

GOLDEN = Path(__file__).parents[1] / "contract" / "golden"
CASE, EVENT = ((GOLDEN / f"{name}.v1.json").read_bytes() for name in ("alarm.case_moved", "device.event_received"))
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
VILLAGES = ("420202006001", "420202007208", "420281104208", None)
DESKS = (("4202",), ("420202",), ("420202006",), ("420202", "420281"))


def an_event(**changes: Any) -> bytes:
    return json.dumps({**json.loads(EVENT), "times": 1, **changes}).encode()


def test_a_press_is_a_fact_of_its_most_urgent_alarm() -> None:
    fact = press_fact("e1", an_event())
    assert fact is not None
    assert (fact.device_id, fact.kind, fact.worklist, fact.low_battery) == ("W-000123", "sos", False, True)
    assert fact.clock_right
    assert fact.received_at - fact.happened_at == timedelta(milliseconds=17)


def test_a_repeat_is_the_same_press_and_an_id_used_twice_is_another() -> None:
    def name(**changes: Any) -> UUID:
        fact = press_fact("e", an_event(**changes))
        assert fact is not None
        return fact.press_id

    again = name(received_at="2026-11-22T00:00:05Z", data_digest="grown", kinds=["sos", "low_battery", "test", "new"])
    assert again == name()
    others = [
        name(device_time="2026-11-22T00:00:00.141Z"), name(wire_type="device.sos"), name(event_id="5b"),
        name(device_id="W-1"), name(device_time=None), name(device_time=None, data_digest="other"),
    ]  # fmt: skip
    assert len({again, *others}) == 7


@pytest.mark.parametrize(
    "changes",
    [
        {"kinds": ["test"]}, {"kinds": ["garbled"]}, {"kinds": ["flood"]}, {"kinds": ["device_fault"]},
        {"kinds": ["sos"], "times": 7}, {"wire_type": "worker.sos"}, {"kinds": ["of_tomorrow"]}, {"kinds": []},
    ],
)  # fmt: skip
def test_what_no_device_repeats_until_it_is_accepted_is_no_press(changes: dict[str, Any]) -> None:
    assert press_fact("e", an_event(**changes)) is None


@pytest.mark.parametrize("changes", [{"time_suspect": True}, {"device_time": None}])
def test_without_a_right_clock_nobody_can_tell_how_late_it_came(changes: dict[str, Any]) -> None:
    fact = press_fact("e", an_event(**changes))
    assert fact is not None
    assert not fact.clock_right


def test_what_is_no_such_message_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        press_fact("e", b"{}")


def test_what_is_read_stands_in_the_contract() -> None:
    assert set(facts_devices._Event.__struct_fields__) <= set(DeviceEvent.model_fields)


@given(st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_ten_minutes_begin_at_a_whole_ten_and_hold_the_moment(after: timedelta) -> None:
    at = NOON + after
    begins_at = window_at(at)
    assert begins_at <= at < begins_at + WINDOW
    assert (begins_at.minute % 10, begins_at.second, begins_at.microsecond) == (0, 0, 0)


def test_only_an_alarm_that_opens_loads_the_operators() -> None:
    opened = CASE.replace(b'"move": "claim"', b'"move": "open"')
    fact = rang_fact(case_fact("e", opened))
    assert fact is not None
    assert (fact.what, fact.subject_id, fact.begins_at) == ("rang", UUID(int=1), window_at(fact.happened_at))
    assert rang_fact(case_fact("e", CASE)) is None
    assert rang_fact(case_fact("e", opened.replace(b'"worklist": false', b'"worklist": true'))) is None


def test_ten_minutes_without_anybody_are_looked_at_too() -> None:
    (nobody,) = looked_facts(NOON, [], NOON + WINDOW)
    one, of_her = looked_facts(NOON, [OnShift(UUID(int=5), ["420202", "420281"], 3)], NOON + WINDOW)
    assert (nobody.what, one) == ("looked", nobody)
    assert (of_her.subject_id, of_her.region_code, of_her.standing) == (UUID(int=5), "4202", 3)
    assert one.window_id == of_her.window_id != looked_facts(NOON + WINDOW, [], NOON)[0].window_id


@pytest.mark.parametrize(
    ("codes", "common"),
    [
        (["4202"], "4202"), (["420202", "420202006"], "420202"), (["420202006", "420202007"], "420202"),
        (["420202", "420281"], "4202"), (["4202", "4301"], ""), (["4202", "4210"], "42"), ([], ""),
    ],
)  # fmt: skip
def test_what_regions_have_in_common_is_a_region(codes: list[str], common: str) -> None:
    assert common_region(codes) == common


@given(
    st.dictionaries(st.integers(1, 9).map(lambda n: UUID(int=n)), st.sampled_from(DESKS), max_size=6),
    st.lists(st.sampled_from(VILLAGES), max_size=40),
)
def test_every_alarm_is_shared_by_those_who_see_it_and_counted_once(
    on_shift: dict[UUID, tuple[str, ...]], rang: list[str | None]
) -> None:
    load = shares(on_shift, rang)
    seen = [region for region in rang if any(region is None or region.startswith(desk) for desk in on_shift.values())]
    assert load.keys() == on_shift.keys()
    assert sum(load.values()) == pytest.approx(len(seen), abs=1e-4)
    for one, regions in on_shift.items():
        mine = [region for region in rang if region is None or region.startswith(regions)]
        assert len(mine) / max(len(on_shift), 1) - 1e-4 <= load[one] <= len(mine) + 1e-4


@given(st.sets(st.integers(0, 23)))
def test_silent_hours_are_told_in_order(hours: set[int]) -> None:
    mask = sum(1 << hour for hour in hours)
    assert hours_of(mask) == ",".join(map(str, sorted(hours)))


def test_a_batch_of_before_keeps_its_digest_when_there_are_more_subjects() -> None:
    first = linked(START, {Subject.CASE: b"a" * 32, Subject.VISIT: None})
    assert first.hex() == "2217a14342ba65ea621ae37e291fdc473131cec2b593c1da8d2236c234fce57b"
    assert linked(START, {Subject.CASE: b"a" * 32, Subject.PRESS: None, Subject.LOAD: None}) == first
    assert linked(START, {Subject.CASE: b"a" * 32, Subject.PRESS: b"b" * 32}) != first
    moved = linked(START, {Subject.CASE: b"a" * 32, Subject.LOAD: b"b" * 32})
    assert moved != linked(START, {Subject.CASE: b"a" * 32, Subject.PRESS: b"b" * 32})
