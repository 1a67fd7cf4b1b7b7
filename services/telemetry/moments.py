"""Readings into moments: which of them has which place in a row, and that the first of two for one place stays. Pure.

`store_merge` says the same in SQL, for what is in the database already.
"""

from collections.abc import Collection, Iterable

from services.telemetry.catalogue import VITALS
from services.telemetry.model import Beside, Moment, Reading

EXACT = float(2**24)
"""Beyond, a `real` does not hold every whole number; below, it holds seven digits."""
LARGEST = 3e38
"""Of a `real`."""


def moments_of(readings: Iterable[Reading]) -> list[Moment]:
    """In the order of their first reading. Suspect ones have another place: `store_suspect`."""
    found: dict[tuple[str, int], Moment] = {}
    for reading in readings:
        of = (reading.device_id, reading.measured_us)
        moment = found.get(of)
        if moment is None:
            moment = found[of] = Moment(reading.device_id, reading.measured_us, reading.received_us, {})
        take(moment, reading)
    return list(found.values())


def take(moment: Moment, reading: Reading) -> bool:
    """Whether it was new."""
    if reading.text:
        return _take_text(moment, reading.name, reading.text, reading.unit)
    if is_there(moment, reading.name):
        return False
    beside = _beside(reading)
    if reading.name in VITALS and reading.value is not None and abs(reading.value) <= LARGEST:
        moment.values[reading.name] = reading.value
        if not beside:
            return True
    moment.extra = {} if moment.extra is None else moment.extra
    moment.extra[reading.name] = beside
    return True


def merge(there: Moment, later: Moment) -> int:
    """What of the later one is new is taken over; returns how many readings that were."""
    before = size(there)
    of_later = later.extra or {}
    for name in later.values.keys() | of_later.keys():
        if is_there(there, name):
            continue
        if name in later.values:
            there.values[name] = later.values[name]
        if name in of_later:
            there.extra = {} if there.extra is None else there.extra
            there.extra[name] = of_later[name]
    for name, said in (later.texts or {}).items():
        for text, unit in said.items():
            _take_text(there, name, text, unit)
    return size(there) - before


def is_there(moment: Moment, name: str) -> bool:
    """Whether it has its number, or why there is none."""
    return name in moment.values or (moment.extra is not None and name in moment.extra)


def forget(moment: Moment, name: str, text: str) -> None:
    """One reading less; `text` empty: the number."""
    if not text:
        moment.values.pop(name, None)
        if moment.extra:
            moment.extra.pop(name, None)
    elif moment.texts and name in moment.texts:
        moment.texts[name].pop(text, None)
        if not moment.texts[name]:
            del moment.texts[name]


def size(moment: Moment) -> int:
    """How many readings it is."""
    numbers = len(moment.values)
    if moment.extra:
        numbers = len(moment.values.keys() | moment.extra.keys())
    return numbers + sum(map(len, moment.texts.values())) if moment.texts else numbers


def heard_in(moment: Moment) -> tuple[Collection[str], Collection[str]]:
    """The vitals that can be shown of it, and those that are marked."""
    if moment.extra is None and moment.texts is None:
        return moment.values, ()
    extra = moment.extra or {}
    marked = {name for name, beside in extra.items() if "mark" in beside}
    shown = (moment.values.keys() | extra.keys() | (moment.texts or {}).keys()) - (marked - (moment.texts or {}).keys())
    return shown & VITALS.keys(), marked & VITALS.keys()


def _take_text(moment: Moment, name: str, text: str, unit: str | None) -> bool:
    moment.texts = {} if moment.texts is None else moment.texts
    said = moment.texts.setdefault(name, {})
    if text in said:
        return False
    said[text] = unit
    return True


def _beside(reading: Reading) -> Beside:
    vital = VITALS.get(reading.name)
    told: dict[str, float | str | None] = {
        "value": reading.value if vital is None or abs(reading.value or 0.0) > EXACT else None,
        "unit": reading.unit if vital is None or reading.unit not in vital.sent_as else None,
        "sent_value": reading.sent_value,
        "sent_unit": reading.sent_unit,
        "mark": reading.mark,
    }
    return {what: said for what, said in told.items() if said is not None}
