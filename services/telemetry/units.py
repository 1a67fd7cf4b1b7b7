"""Which units a vital may come in, and which of its values no living body has. Pure.

Units are UCUM's codes, and some spellings of them. The factors are UCUM's own (ucum.org, table of units): 1 mm[Hg] is
133.322 Pa. A library of units costs a hundred times as much as this table and does not know glucose (decision 37).
"""

from math import inf

from msgspec.structs import replace

from contracts.device_number import unit_said
from services.telemetry.catalogue import VITALS
from services.telemetry.model import Mark, Reading

DIGITS = 4
"""Behind the point, of a value that was converted: finer than any sensor."""

LIMITS: dict[str, tuple[float, float]] = {
    # Lowest pulse at rest 26 /min (Guinness World Records 2014); an accessory pathway conducts up to 300 /min.
    "heart_rate": (20.0, 300.0),
    # Lowest arterial saturation measured in climbers on Everest 34 % (Grocott et al., N Engl J Med 2009;360:140).
    "spo2": (30.0, 100.0),
    # Survived: 13.7 Cel (Gilbert et al., Lancet 2000;355:375) and 46.5 Cel (Slovis et al., Ann Emerg Med 1982;11:269).
    "body_temperature": (13.0, 47.0),
    # A cuff may not press harder than 300 mm[Hg] (IEC 80601-2-30), and hears nothing below about 40.
    "systolic_bp": (40.0, 300.0),
    # As above; in a crisis of blood pressure the diastolic is above 120, and 200 is not reached.
    "diastolic_bp": (20.0, 200.0),
    # Opioids slow breathing to 3 or 4 /min before it stops; the fastest, of infants and of athletes, is below 80.
    "respiratory_rate": (3.0, 80.0),
    # Meters at home end at 33.3 mmol/L (600 mg/dL); more than 60 was only measured in laboratories, in single cases.
    "blood_glucose": (0.5, 60.0),
    # The heaviest person known had 635 kg, the lightest adult 2.1 kg (Guinness World Records).
    "body_weight": (2.0, 650.0),
}
"""Lowest and highest in the vital's own unit, both included. Of what is not listed any value is possible."""

_MOLAR_MASS_G = 180.156
"""Of glucose, C6H12O6: 1 mmol/L is 18.0156 mg/dL (PubChem CID 5793). It holds for nothing but glucose."""

Line = tuple[float, float]
"""(factor, sum): own = sent · factor + sum."""
SAME: Line = (1.0, 0.0)
_A_SECOND: Line = (60.0, 0.0)
_A_MINUTE = dict.fromkeys(("/min", "1/min", "beat/min", "{breaths}/min", "{counts}/min"), SAME)
_RATE = _A_MINUTE | dict.fromkeys(("Hz", "/s", "1/s", "beat/s"), _A_SECOND)
_OF_ONE = dict.fromkeys(("/", "1", "{ratio}"), (100.0, 0.0))
_MMHG_KPA = 0.133322
_PRESSURE = {"kPa": (1 / _MMHG_KPA, 0.0), "Pa": (0.001 / _MMHG_KPA, 0.0)}

CONVERTED: dict[str, dict[str, Line]] = {
    "heart_rate": _RATE,
    "respiratory_rate": _RATE,
    "spo2": _OF_ONE,
    "battery": _OF_ONE,
    "body_temperature": {"K": (1.0, -273.15), "[degF]": (5 / 9, -160 / 9)},
    "systolic_bp": _PRESSURE,
    "diastolic_bp": _PRESSURE,
    "blood_glucose": {"mg/dL": (10 / _MOLAR_MASS_G, 0.0), "g/L": (1000 / _MOLAR_MASS_G, 0.0)},
    "body_weight": {"g": (0.001, 0.0), "[lb_av]": (0.45359237, 0.0)},
    "steps": {"1": SAME},
}
"""Of each vital the units other than its own (`catalogue`) that are converted into it."""


def _folded(unit: str) -> str:
    """UCUM has a spelling in capitals too, and firmware knows more: `MM[HG]`, `mmol/l`."""
    return unit.replace(" ", "").lower()


_NONE = (inf, -inf)
_ANY = (-inf, inf)
USUAL = {
    (name, unit): LIMITS.get(name, _ANY) for name, vital in VITALS.items() for unit in (None, *sorted(vital.sent_as))
}
"""(name, unit as sent) → lowest and highest that need no second look."""
_LINES = {(name, _folded(unit)): line for name, lines in CONVERTED.items() for unit, line in lines.items()} | {
    (name, _folded(unit)): SAME for name, vital in VITALS.items() for unit in vital.sent_as
}


def settled(reading: Reading) -> Reading:
    """In the vital's own unit; set aside where it cannot be, or where no body has such a value.

    Every reading of the city comes here: one in its own unit costs a look-up and a comparison.
    """
    value = reading.value
    if value is None:
        return reading
    low, high = USUAL.get((reading.name, reading.unit), _NONE)
    return reading if low <= value <= high else _unusual(reading, value)


def in_own_unit(name: str, unit: str | None, value: float) -> float | None:
    """None: that unit cannot be converted. Without a unit the usual one is meant."""
    line = _line(name, unit)
    if line is None or line == SAME:
        return None if line is None else value
    return round(value * line[0] + line[1], DIGITS)


def _unusual(reading: Reading, value: float) -> Reading:
    vital = VITALS.get(reading.name)
    if vital is None or vital.unit is None:
        return reading
    own = in_own_unit(reading.name, reading.unit, value)
    if own is None:
        return _set_aside(reading, "unit")
    low, high = LIMITS.get(reading.name, _ANY)
    if not low <= own <= high:
        return _set_aside(reading, "implausible")
    if not reading.unit:
        return reading
    return replace(reading, value=own, unit=vital.unit, sent_value=value, sent_unit=reading.unit)


def _set_aside(reading: Reading, mark: Mark) -> Reading:
    return replace(reading, value=None, unit=None, sent_value=reading.value, sent_unit=reading.unit or None, mark=mark)


def _line(name: str, unit: str | None) -> Line | None:
    if not unit:
        return SAME
    found = _LINES.get((name, _folded(unit)))
    if found is None and (said := unit_said(unit)) is not None:
        found = _LINES.get((name, _folded(said)))
    return found
