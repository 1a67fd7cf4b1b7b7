"""What stands under a key that names an alarm: does it say that it is so, that it is not, or something else?"""

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from contracts.alarm_kind import AlarmKind
from ingest_gateway.decode.ends import CONFIRMED
from ingest_gateway.decode.sign_keys import (
    MEASURED,
    OF_ALARM,
    OF_STATE,
    OFTEN_FIGURES,
    SAID_TO_BE_SO,
    TRUE_IS_ALARM,
    VALUES,
)
from ingest_gateway.decode.text import number, number_in_text
from ingest_gateway.decode.words import core_of, flag_named, is_off, is_on, kinds_named, says_dealt_with

_LONG_HELP = 32
_TELEPHONE = re.compile(r"\+?[\d -]{5,20}")


def flag_told(key: str, value: Any) -> AlarmKind | None:
    if (kind := flag_named(key)) is not None:
        return kind if is_set(value, kind) and not (key[-1:].isdigit() and _is_telephone(value)) else None
    core = core_of(key)
    kind = TRUE_IS_ALARM.get(core)
    if kind is None:
        return None
    is_flag = key.lower().endswith(SAID_TO_BE_SO) or core not in OFTEN_FIGURES
    return kind if _is_on(value) or (is_flag and number(value) == 1) else None


def _is_telephone(value: Any) -> bool:
    """`{"sos1": "13900001234"}`: whom a watch rings first."""
    figures = str(value) if isinstance(value, int) else value
    return isinstance(figures, str) and _TELEPHONE.fullmatch(figures) is not None


def is_set(value: Any, kind: AlarmKind | None = None) -> bool:
    """Of a flag, as firmware writes it: true, 1, "on", "SOS". A figure beside `gas` is what was measured."""
    if isinstance(value, dict):
        return any(is_set(value[key], kind) for key in value if key in VALUES and not isinstance(value[key], dict))
    if is_figure(value, kind):
        return False
    if isinstance(value, str):
        is_confirmed = kind is AlarmKind.FALL and value.strip() in CONFIRMED
        return is_confirmed or (not is_off(value) and not _is_explanation(value, kind))
    return value is True or (number(value) or 0) > 0


def is_on_or_one(value: Any, kind: AlarmKind | None = None) -> bool:
    """Of a name that may be any measurement's: 1 says that it is so, unless 1 is a measurement too."""
    if isinstance(value, dict):
        return any(
            is_on_or_one(value[key], kind) for key in value if key in VALUES and not isinstance(value[key], dict)
        )
    return _is_on(value) or (kind is not None and kind not in MEASURED and number(value) == 1)


def _is_on(value: Any) -> bool:
    """Of what is a figure or something else as often as a flag: `co`."""
    if isinstance(value, dict):
        return any(_is_on(value[key]) for key in value if key in VALUES and not isinstance(value[key], dict))
    return value is True or (isinstance(value, str) and is_on(value))


def _is_explanation(value: str, kind: AlarmKind | None) -> bool:
    """`"help": "hold the button for three seconds …"`, `"sos": "https://…"`."""
    return value.startswith(("http://", "https://")) or (kind is AlarmKind.HELP_REQUEST and len(value) > _LONG_HELP)


def is_figure(value: Any, kind: AlarmKind | None) -> bool:
    if kind not in MEASURED:
        return False
    figure = number_in_text(value) if isinstance(value, str) else number(value)
    if figure is None and isinstance(value, str):
        return value.lstrip()[:1].isdigit()  # `0.02 dB/m`
    return figure not in (None, 1)


def without_unset(items: list[Any]) -> Iterator[Any]:
    """`["sos", 0, "fall", 1]` without what its value says is not so."""
    for item, after in zip_longest(items, items[1:], fillvalue=None):
        if not (isinstance(item, str) and isinstance(after, bool | int | float) and not is_set(after)):
            yield item


def is_over(record: dict[str, Any]) -> bool:
    """`{"type": "device.fall", "active": false}`, `"state": "cleared"`. A status of 0 may be that of the message,
    and who fell pressed no button. An alarm whose status is 0 may be one that nobody has seen yet."""
    record = _without_confirmed_falls(record)
    return any(
        (
            value is False
            or (_is_zero(value) and key != "status")
            or (isinstance(value, str) and value and is_off(value))
        )
        for key, value in record.items()
        if key in VALUES and key != "pressed"
    ) or any(isinstance(value := record.get(key), str) and value and is_off(value) for key in OF_ALARM)


def is_dealt_with(record: dict[str, Any]) -> bool:
    """`{"alarm": "sos", "status": "已接警"}`. No message has such a status, so it is that of the alarm."""
    told = _without_confirmed_falls(record)
    return any(isinstance(value, str) and says_dealt_with(value) for key, value in told.items() if key in OF_STATE)


def _without_confirmed_falls(record: dict[str, Any]) -> dict[str, Any]:
    """Of a fall `已确认` may say that it is one."""
    told = [value for value in record.values() if isinstance(value, str)]
    if not CONFIRMED.intersection(told) or not any(AlarmKind.FALL in kinds_named(value) for value in told):
        return record
    return {key: value for key, value in record.items() if not (isinstance(value, str) and value in CONFIRMED)}


def _is_zero(value: Any) -> bool:
    figure = number(value)
    return figure is not None and figure <= 0
