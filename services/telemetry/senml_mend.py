"""Reads SenML records of faulty firmware as what they clearly mean. Only records with something odd come here. Pure."""

import re
from typing import Any

from services.telemetry.catalogue import VITALS

_NUMBERS = ("bt", "t", "v", "bv", "s", "bs", "bver")
_LABELS = {
    **{"name": "n", "value": "v", "unit": "u", "units": "u", "time": "t", "timestamp": "t", "ts": "t"},
    **{"basename": "bn", "basetime": "bt", "baseunit": "bu", "basevalue": "bv"},
    **{"stringvalue": "vs", "booleanvalue": "vb", "boolvalue": "vb", "datavalue": "vd"},
}
_OWN = frozenset(("bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut"))
_NUMBER = re.compile(r"[+-]?\d{1,18}(?:\.\d{0,18})?")
_MILLISECONDS, _MICROSECONDS = 1e11, 1e14
"""Seconds since 1970 reach the first in the year 5138."""
_TIMES = ("ts", "time", "timestamp", "t", "bt")


def records_of(message: Any) -> list[Any] | None:
    """The records of a message that is no array: one of them alone, or the array in an object (the drafts before
    RFC 8428: `{"bn": …, "e": […]}`). None when it is neither."""
    if not isinstance(message, dict):
        return None
    inner = message.get("e")
    if isinstance(inner, list):
        return [{label: told for label, told in message.items() if label != "e"}, *inner]
    labels = {label.lower() for label in message}
    return None if labels.isdisjoint((*_OWN, *_LABELS, *VITALS)) else [message]


def spread(fields: Any) -> list[Any]:
    """`{"ts": …, "heart_rate": 72, "steps": 312}`: a record for each measurement that is known by its name."""
    if not isinstance(fields, dict) or not _OWN.isdisjoint(fields.keys() - set(_TIMES)):
        return [fields]
    values = fields.get("values")
    named = {
        key.lower(): told
        for key, told in (values if isinstance(values, dict) else fields).items()
        if key.lower() in VITALS
    }
    if not named:
        return [fields]
    when = next((fields[key] for key in _TIMES if key in fields), None)
    time = {} if when is None else {"t": when}
    return [
        {"n": name, **({"vb": told} if isinstance(told, bool) else {"v": told}), **time} for name, told in named.items()
    ]


def mended(fields: dict[str, Any]) -> dict[str, Any]:
    """Labels, numbers and times as RFC 8428 has them, where they can be told; what cannot be told stays as it is."""
    mended = {_label(label, fields): told for label, told in fields.items()}
    for label in _NUMBERS:
        told = mended.get(label)
        if isinstance(told, str) and _NUMBER.fullmatch(told.strip()):
            mended[label] = float(told)
    for label in ("bt", "t"):
        told = mended.get(label)
        if isinstance(told, int | float) and not isinstance(told, bool) and _MILLISECONDS <= abs(told) < 1e17:
            mended[label] = told / (1e6 if abs(told) >= _MICROSECONDS else 1e3)
    return mended


def _label(label: str, fields: dict[str, Any]) -> str:
    bare = label.lower().replace("_", "") if len(label) <= 16 and not label.endswith("_") else label
    known = bare if bare in _OWN else _LABELS.get(bare, label)
    return label if known in fields else known


def what_was_mended(fields: dict[str, Any], right: dict[str, Any]) -> str | None:
    """In one word, for whoever looks after the device."""
    if fields.keys() != right.keys():
        return "label"
    if any(isinstance(fields[label], str) and not isinstance(right[label], str) for label in right):
        return "number"
    return "time" if any(fields[label] != right[label] for label in ("bt", "t") if label in right) else None
