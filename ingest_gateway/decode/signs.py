"""Finds the alarms that any JSON of a device names: in its keys, as a type, in words. What is plainly none does not
count: 0, false, `idle`, a figure, a setting, the model of the device.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from contracts.alarm_kind import PRIORITY, WORKLIST_PRIORITY, AlarmKind, Note
from ingest_gateway.decode import frames, lookout, packed
from ingest_gateway.decode import sign_keys as keys
from ingest_gateway.decode.documents import unwrapped_text
from ingest_gateway.decode.plain_text import are_columns, keys_of_table, names_set, records_of
from ingest_gateway.decode.sign_values import (
    flag_told,
    is_dealt_with,
    is_figure,
    is_on_or_one,
    is_over,
    is_set,
    without_unset,
)
from ingest_gateway.decode.text import folded, number, number_in_text
from ingest_gateway.decode.words import (
    core_of,
    flag_named,
    is_off,
    is_setting,
    is_thing,
    is_time_of_day,
    kinds_named,
    sensor_named,
    told_in,
)

Kind = AlarmKind | Note
Sign = Kind | None
"""None: an alarm, but nobody says of which kind."""

_DEPTH = 6
_LONG_NAME = 48


def rings(sign: Sign) -> bool:
    """Whether it is for the operators, as notes and technical alarms are not."""
    return sign is None or (isinstance(sign, AlarmKind) and PRIORITY[sign] < WORKLIST_PRIORITY)


def signs_in(sent: Any, depth: int = _DEPTH) -> Iterator[Sign]:
    """:param sent: any JSON"""
    if isinstance(sent, list) and depth:
        for item in records_of(sent) or sent:
            yield from signs_in(item, depth - 1)
    elif isinstance(sent, dict) and depth:
        if records := records_of(sent):
            yield from signs_in(records, depth - 1)
            read = keys_of_table(sent)
            sent = {key: value for key, value in sent.items() if key not in read}  # or twice as long at each depth
        name = _name_of(sent)
        over = is_over(sent)
        if not over:
            yield from _sensed(sent)
        if name is not None:
            values = [value for key, value in sent.items() if key in keys.VALUES and not isinstance(value, dict | list)]
            over = over or any(is_figure(value, flag_named(name)) for value in values)
            is_measured = flag_named(name) in keys.MEASURED or core_of(name) in keys.TRUE_IS_ALARM
            unit = number if is_measured and isinstance(sent.get("u"), str) else None
            for value in values:
                if unit is None or unit(value) is None:
                    yield from _entry(name, value, depth, over=False)
        dealt_with = is_dealt_with(sent)
        for key, value in sent.items():
            if not (dealt_with and isinstance(value, str)):
                yield from _entry(key, value, depth, over=over)
    elif isinstance(sent, str):
        yield from told_in(sent)


def signs_listed(sent: Any, depth: int = _DEPTH) -> Iterator[Sign]:
    """Of the value of `alarms`, whatever it is instead of a list of types."""
    if isinstance(sent, str):
        if kinds := kinds_named(sent):
            yield from kinds
        elif not is_off(sent) and not is_time_of_day(sent):
            yield AlarmKind.UNKNOWN if number_in_text(sent) is None else None
    elif isinstance(sent, list):
        if len(sent) == 2 and isinstance(sent[0], str) and isinstance(sent[1], bool | int | float):
            sent = sent[:1] if is_set(sent[1]) else []  # a name and its value
        for item in sent if depth else ():
            yield from signs_listed(item, depth - 1)
    elif isinstance(sent, dict):
        yield from _object_listed(sent, depth)
    elif is_set(sent):
        yield None


def _object_listed(sent: dict[str, Any], depth: int) -> Iterator[Sign]:
    found = list(signs_in(sent, depth))
    if found or is_over(sent):
        yield from found
    elif told := [kind for key in keys.NAMES_IN if isinstance(sent.get(key), str) for kind in kinds_named(sent[key])]:
        yield from told
    elif name := next((sent[key] for key in keys.NAMES_LISTED if isinstance(sent.get(key), str) and sent[key]), None):
        yield from signs_listed(name)
    elif any(map(is_time_of_day, sent.values())) or ("hour" in sent and keys.OF_CLOCK.issuperset(map(folded, sent))):
        return  # an alarm clock
    elif any(is_set(value) for key, value in sent.items() if not is_setting(key)):
        yield None


def _entry(key: str, value: Any, depth: int, *, over: bool) -> Iterator[Sign]:
    """:param over: the object says that what it names is not, or no longer, so."""
    name = folded(key)
    if name in keys.NO_SIGN:
        return
    if (kind := flag_told(key, value)) is not None:
        yield kind
        return
    if isinstance(value, str):
        yield from frames.kinds_in(value.encode(errors="replace"))
        if depth and packed.is_holder(key):
            yield from _packed_in(value, depth - 1)
        value = unwrapped_text(value)
    if name in keys.LISTED:
        yield from signs_listed(value, depth - 1) if depth else ()
    elif isinstance(value, list) and depth:
        yield from _array(key, value, depth, over=over)
    elif isinstance(value, dict):
        yield from signs_in(value, depth - 1)
        if name in keys.TYPES and not is_over(value):
            for inner in keys.NAMES_IN:
                yield from _named_by(name, value.get(inner))
    elif not over:
        yield from _named_by(name, value)


def _array(key: str, sent: list[Any], depth: int, *, over: bool) -> Iterator[Sign]:
    if are_columns(sent):
        return
    if (records := records_of(sent)) is not None:
        yield from signs_in(records, depth - 1)
        return
    if folded(key) in keys.LISTS:
        yield from signs_of_texts(sent)
    for item in without_unset(sent):
        yield from _entry(key, item, depth - 1, over=over)


def _packed_in(text: str, depth: int) -> Iterator[Sign]:
    """Of what gateways of radio networks pass on unread."""
    if len(text) <= _LONG_NAME and (kind := flag_named(text)) is not None:
        yield kind
    for inner in packed.unpacked(text):
        if lookout.names_alarm(inner):
            told = unwrapped_text(inner.decode(errors="replace"))
            yield from frames.kinds_in(inner)
            if not isinstance(told, str):
                yield from signs_in(told, depth)
            elif told.isprintable() and len(told) <= _LONG_NAME:
                yield from kinds_named(told)


def _named_by(name: str, value: Any) -> Iterator[Sign]:
    if isinstance(value, str):
        value = names_set(value)
        if name in keys.TYPES and (kinds := kinds_named(value)):
            yield from kinds
            return
        if (name in keys.STATES or name.isdigit()) and (kind := _state_named(name, value)) is not None:
            yield kind
        elif folded(value) in keys.ALARM_VALUES:
            yield None
        else:
            yield from told_in(value)
    if name in keys.ABOUT_ALARM and is_set(value):
        yield None


def _state_named(name: str, value: str) -> AlarmKind | None:
    """What is described as a button is one, whether it is pressed or not."""
    return None if name in keys.DESCRIPTIONS and is_thing(value) else flag_named(value)


def _sensed(record: dict[str, Any]) -> Iterator[Sign]:
    """`{"sensor": "fall", "state": "on"}`, `{"entity_id": "binary_sensor.sos_button", "state": "on"}`."""
    names = [(folded(key), name) for key, name in record.items() if isinstance(name, str)]
    names = [(key, name) for key, name in names if key in keys.SENSORS or key in keys.CHANNELS]
    told = [value for key, value in record.items() if folded(key) in keys.TOLD and value != "unknown"]
    if not told:
        return
    if isinstance(about := record.get("attributes"), dict) and isinstance(sort := about.get("device_class"), str):
        names.append(("deviceclass", sort))
    for key, name in names:
        if (kind := sensor_named(name)) is not None:
            so = is_set if key in keys.SENSORS else is_on_or_one
            if any(so(value, kind) for value in told):
                yield kind
        elif (kind := _told_of_sensor(name)) is not None and any(map(is_on_or_one, told)):
            yield kind
        elif folded(name).startswith("alarm") and any(is_on_or_one(value) for value in told):
            yield None


def _told_of_sensor(name: str) -> AlarmKind | None:
    """`moisture`, `binary_sensor.kitchen_moisture`."""
    return keys.BY_SENSOR.get(folded(name)) or keys.OFTEN_FIGURES.get(re.split(r"[\W_]", name.lower())[-1])


def signs_of_texts(sent: Iterable[Any]) -> Iterator[Sign]:
    """Of a list: `["SOS"]`, `[1, "SOS"]`, `["sos", 1, "fall", 0]`. A name is followed by its value, if that is none."""
    items = list(sent)
    if are_columns(items):
        return
    for item, after in zip_longest(items, items[1:], fillvalue=True):
        kind = flag_named(item) if isinstance(item, str) else None
        if kind is not None and (after is None or isinstance(after, dict | list) or is_set(after, kind)):
            yield kind


def _name_of(record: dict[str, Any]) -> str | None:
    """`sos` of `{"n": "sos", "vb": true}`, of a SenML base name alone, of `{"code": "sos", "value": 1}`."""
    for key in ("n", "bn"):
        name = record.get(key)
        if isinstance(name, str) and name:
            return name[-128:].rstrip("/:").replace(":", "/").rpartition("/")[2]
    name = next((record[key] for key in keys.NAMES if isinstance(record.get(key), str)), None)
    return None if name is None else name[-128:].rpartition("/")[2]
