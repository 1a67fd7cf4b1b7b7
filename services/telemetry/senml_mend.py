"""Reads SenML records of faulty firmware as what they clearly mean. Only records with something odd come here. Pure."""

import re
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from contracts.device_number import number_said
from services.telemetry.catalogue import VITALS
from services.telemetry.model import Reading
from services.telemetry.units import in_own_unit
from services.telemetry.vendor_names import BLOOD_PRESSURE, both_pressures, is_plausible, vital_called

_NUMBERS = ("bt", "t", "v", "bv", "s", "bs", "bver")
_LABELS = {
    **{"name": "n", "value": "v", "unit": "u", "units": "u", "time": "t", "timestamp": "t", "ts": "t"},
    **{"basename": "bn", "basetime": "bt", "baseunit": "bu", "basevalue": "bv"},
    **{"stringvalue": "vs", "booleanvalue": "vb", "boolvalue": "vb", "datavalue": "vd"},
}
_OWN = frozenset(("bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut"))
_NUMBER = re.compile(r"([+-]?\d{1,18}(?:\.\d{0,18})?)\s*%?")
_MILLISECONDS, _MICROSECONDS = 1e11, 1e14
"""Seconds since 1970 reach the first in the year 5138."""
_TIMES = ("ts", "time", "timestamp", "t", "bt")
_ARRAYS = ("e", "readings", "records", "data", "values", "measurements", "telemetry", "list", "items")
_OBJECTS = ("values", "data", "params", "properties", "readings", "telemetry", "vitals", "payload")


def records_of(message: Any) -> list[Any] | None:
    """The records of a message: an array, one record alone, or the array in an object (the drafts before RFC 8428:
    `{"bn": …, "e": […]}`; others: `{"ts": …, "readings": […]}`). None when it is none of these."""
    if isinstance(message, list):
        return message
    if not isinstance(message, dict):
        return None
    for holder in _ARRAYS:
        inner = message.get(holder)
        if isinstance(inner, list) and any(isinstance(record, dict) for record in inner):
            rest = {label: told for label, told in message.items() if label != holder}
            return [*_heads(rest, holder), *inner]
    labels = {label.lower() for label in message}
    is_one = not labels.isdisjoint((*_OWN, *_LABELS)) or bool(_measured(message) or _held(message))
    return [message] if is_one else None


def _heads(rest: dict[str, Any], holder: str) -> list[dict[str, Any]]:
    """What an object says of all the records in it, and what it measured itself."""
    if holder == "e":
        return [rest]
    when = next((rest[key] for key in _TIMES if key in rest), None)
    base = {label: rest[label] for label in _OWN & rest.keys() if label.startswith("b")}
    if when is not None:
        base["bt"] = when
    return [*([base] if base else []), *([rest] if _measured(rest) else [])]


def spread(fields: Any) -> list[Any]:
    """`{"ts": …, "heart_rate": 72, "steps": 312}`: a record for each measurement that is known by its name."""
    if not isinstance(fields, dict) or not _OWN.isdisjoint(fields.keys() - set(_TIMES)):
        return [fields]
    named = _measured(fields) | _held(fields)
    if not named:
        return [fields]
    when = next((fields[key] for key in _TIMES if key in fields), None)
    time = {} if when is None else {"t": when}
    return [{"n": name, **_valued(name, told), **time} for name, told in named.items()]


def _held(fields: dict[str, Any]) -> dict[str, Any]:
    if "specversion" in fields:
        return {}  # an event, which says by itself what was measured
    return next((named for key in _OBJECTS if (named := _measured(fields.get(key)))), {})


def _measured(fields: Any) -> dict[str, Any]:
    """Name → value of what is known by its name, also `{"bloodPressure": {"systolic": 120, "diastolic": 80}}`."""
    found: dict[str, Any] = {}
    for key, told in fields.items() if isinstance(fields, dict) else ():
        name = key.lower() if key.lower() in VITALS else key
        if name not in VITALS and vital_called(key) is None:
            continue
        if isinstance(told, dict):
            inner = next((told[label] for label in ("value", "val", "v") if label in told), None)
            found |= _measured(told) if inner is None else {name: inner}
        elif isinstance(told, list) and len(told) == 2:
            found[name] = f"{told[0]}/{told[1]}"
        elif told is not None:
            found[name] = told
    return found


def _valued(name: str, told: Any) -> dict[str, Any]:
    if isinstance(told, bool):
        return {"vb": told}
    return {"vs" if isinstance(told, str) and vital_called(name) == BLOOD_PRESSURE else "v": told}


def mended(fields: dict[str, Any], base_time: float) -> dict[str, Any]:
    """Labels, numbers and times as RFC 8428 has them, where they can be told; what cannot be told stays as it is."""
    mended = {_label(label, fields): told for label, told in fields.items()}
    for label in _NUMBERS:
        told = mended.get(label)
        if isinstance(told, str) and (number := _NUMBER.fullmatch(told.strip())):
            mended[label] = float(number[1])
    _take_figure(mended)
    if isinstance(mended.get("v"), bool) and "vb" not in mended and _may_be_flag(mended.get("n")):
        mended["vb"] = mended.pop("v")
    for label in ("bt", "t"):
        told = mended.get(label)
        if isinstance(told, int | float) and not isinstance(told, bool) and _MILLISECONDS <= abs(told) < 1e17:
            mended[label] = told / (1e6 if abs(told) >= _MICROSECONDS else 1e3)
        elif isinstance(told, str) and (seconds := _since_1970(told)) is not None:
            base = mended.get("bt", base_time) if label == "t" else 0.0
            mended[label] = seconds - base if isinstance(base, int | float) else seconds
    return mended


def _take_figure(fields: dict[str, Any]) -> None:
    """`"v": "72 bpm"`, `"v": "36,6"`; as a text too, where it should be a figure: `"vs": "72 bpm"`."""
    label = "v" if "v" in fields else "vs"
    told = fields.get(label)
    if not isinstance(told, str) or (label == "vs" and not is_figure_of(fields.get("n"))):
        return
    if (said := number_said(told)) is not None:
        del fields[label]
        fields["v"] = said.value
        if said.unit is not None:
            fields["u"] = said.unit


def is_figure_of(name: Any) -> bool:
    """Whether what goes by this name is measured in a unit."""
    known = VITALS.get(vital_called(name) or name) if isinstance(name, str) else None
    return known is not None and known.unit is not None


def _may_be_flag(name: Any) -> bool:
    """Not what is measured in a unit."""
    return isinstance(name, str) and vital_called(name) is None and (name not in VITALS or VITALS[name].unit is None)


def _since_1970(told: str) -> float | None:
    """Of a date and time with an offset; without one it could be any hour."""
    try:
        moment = datetime.fromisoformat(told.strip()[:40])
        return moment.timestamp() if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def called_right(reading: Reading) -> list[Reading]:
    """The same under the name that the vital has here; blood pressure as two. What its figure cannot be is left."""
    name = vital_called(reading.name)
    if name == BLOOD_PRESSURE:
        both = both_pressures(reading.text)
        pair = zip(("systolic_bp", "diastolic_bp"), both, strict=True) if both else ()
        return [replace(reading, name=one, value=value, text=None) for one, value in pair] or [reading]
    if name is None or reading.value is None:
        return [reading]
    own = in_own_unit(name, reading.unit, reading.value)
    if not is_plausible(name, reading.value if own is None else own):
        return [reading]
    return [replace(reading, name=name)]


def _label(label: str, fields: dict[str, Any]) -> str:
    bare = label.lower().replace("_", "") if len(label) <= 16 and not label.endswith("_") else label
    known = bare if bare in _OWN else _LABELS.get(bare, label)
    return label if known in fields else known


def what_was_mended(fields: dict[str, Any], right: dict[str, Any]) -> str | None:
    """In one word, for whoever looks after the device."""
    if fields.keys() | {"u"} != right.keys() | {"u"}:
        return "label"
    if any(isinstance(fields[label], str) and not isinstance(right[label], str) for label in right):
        return "time" if any("-" in str(fields.get(label)) for label in ("bt", "t")) else "number"
    return "time" if any(fields[label] != right[label] for label in ("bt", "t") if label in right) else None
