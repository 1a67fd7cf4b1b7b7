"""What an event brings: something new, more of what was known, an id used again, or nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.alarm_kind import AlarmKind, Note
from contracts.device_event import DeviceEvent
from services.alarms.identity import Hearing, Known, Name, News, happening_of, hearings, named, versions_sent

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SOS, FALL = "device.sos", "device.fall"


def an_event(
    wire_type: str | None = SOS, *, at: float | None = 0, data: str | None = "d1", **fields: Any
) -> DeviceEvent:
    facts = {
        "device_id": "W-1",
        "event_id": "7",
        "wire_type": wire_type,
        "kinds": (AlarmKind.SOS,),
        "received_at": NOON,
        "occurred_at": NOON,
        "device_time": None if at is None else NOON + timedelta(minutes=at),
        "data_digest": data,
    }
    return DeviceEvent.model_validate(facts | fields)


def news_of(events: Sequence[DeviceEvent], known: dict[Name, Known] | None = None) -> list[News | None]:
    """Of each event, None where it brings nothing; all are new to the inbox where it is not said what is known."""
    known = {name: Known() for name in versions_sent(map(named, events))} if known is None else known
    left = list(hearings(map(named, events), known))
    told: list[News | None] = []
    for event in events:
        told.append(left.pop(0).news if left and left[0].event is event else None)
    assert left == []
    return told


@pytest.mark.parametrize(
    ("events", "news"),
    [
        ([an_event(), an_event()], [News.FIRST, None]),
        ([an_event(), an_event(received_at=NOON + timedelta(hours=71))], [News.FIRST, None]),
        ([an_event(), an_event(data="d2"), an_event(), an_event(data="d2")], [News.FIRST, News.GREW, None, None]),
        ([an_event(), an_event(FALL)], [News.FIRST, News.REUSED]),
        ([an_event(), an_event(at=60)], [News.FIRST, News.REUSED]),
        ([an_event(), an_event(at=60), an_event(), an_event(at=60)], [News.FIRST, News.REUSED, None, None]),
        ([an_event(), an_event(event_id="8", at=60)], [News.FIRST, News.FIRST]),
        ([an_event(), an_event(device_id="W-2", at=60)], [News.FIRST, News.FIRST]),
        ([an_event(at=None), an_event(at=None)], [News.FIRST, None]),
        ([an_event(at=None), an_event(at=None, data="d2")], [News.FIRST, News.REUSED]),
        ([an_event(at=None), an_event()], [News.FIRST, News.REUSED]),
        ([an_event(data=None), an_event(data=None), an_event()], [News.FIRST, None, None]),
        ([an_event(), an_event(data=None)], [News.FIRST, None]),
        ([an_event(None, at=None, data=None), an_event(None, at=None, data=None)], [News.FIRST, None]),
        ([an_event(), an_event("Device.SOS ")], [News.FIRST, None]),
    ],
    ids=[
        "the same again", "days later", "its data have grown, and that once", "another type", "another time",
        "another time, and both again", "another id", "another device", "no time and the same data",
        "no time and other data", "no time, then a time", "a gateway that said no data, then one that does",
        "and the other way round", "garbled, the same bytes", "the type in other letters",
    ],
)  # fmt: skip
def test_of_a_batch_each_event_brings(events: list[DeviceEvent], news: list[News | None]) -> None:
    assert news_of(events) == news


def test_what_the_inbox_has_nothing_new_of_brings_nothing() -> None:
    assert news_of([an_event(), an_event(data="d2")], {}) == [None, None]


def test_what_was_known_before_the_batch_counts() -> None:
    event, grown, reused = an_event(), an_event(data="d2"), an_event(FALL)
    assert news_of([event, grown], {named(event).name: Known(("d1:sos",))}) == [None, News.GREW]
    assert news_of([reused], {named(reused).name: Known(id_heard=True)}) == [News.REUSED]


def test_an_event_that_has_grown_says_what_it_was_before() -> None:
    """A further alarm among the data is an alarm; the ones it told before are none."""
    told = an_event(kinds=(AlarmKind.SOS, Note.TEST))
    grown = an_event(data="d2", kinds=(AlarmKind.SOS, AlarmKind.LOW_BATTERY, Note.TEST))
    first, second = hearings([named(told), named(grown)], {named(told).name: Known()})
    assert first == Hearing(told, happening_of(told), News.FIRST, frozenset())
    assert second == Hearing(grown, happening_of(grown), News.GREW, frozenset({AlarmKind.SOS, Note.TEST}))


def test_a_happening_is_named_by_type_and_time_and_by_the_data_where_there_is_no_time() -> None:
    assert happening_of(an_event()) == "device.sos 1795320000000000"
    assert happening_of(an_event(device_time="2026-11-22T12:00:00+08:00")) == "device.sos 1795320000000000"
    assert happening_of(an_event(at=None)) == "device.sos #d1"
    assert happening_of(an_event(at=None, data=None)) == "device.sos"
    assert happening_of(an_event(None, at=None, data=None)) == ""
    assert happening_of(an_event(device_time="1970-01-01T00:00:12Z")) == "device.sos 12000000"


def test_two_workers_name_what_they_hear_in_the_same_order() -> None:
    events = [an_event(event_id=name, data=data) for name, data in [("b", "d1"), ("a", "d2"), ("b", "d2"), ("b", "d1")]]
    forth, back = versions_sent(map(named, events)), versions_sent(map(named, events[::-1]))
    assert list(forth) == list(back) == sorted(forth)
    assert forth[named(events[0]).name] == ["d1:sos", "d2:sos"]
