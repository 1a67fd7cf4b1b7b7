"""A number that firmware wrote as a text, with its unit or with a comma: `72 bpm`, `36,6`, `３６．６℃`."""

import re
from typing import NamedTuple

_NUMBER = re.compile(r"([+-]?\d{1,18})(?:[.](\d{0,18})|,(\d{1,2}))?\s*(\D.{0,23})?")
"""`1,234` is a thousand or a little more than one: nobody can tell."""
_LONGEST = 48
_UNITS = {
    "%": "% %el pct percent 百分之",
    "beat/min": "bpm beat/min beats/min beatsperminute 次/分 次/分钟 次每分 次每分钟 跳/分",
    "1/min": "1/min /min brpm rpm",
    "Cel": "c cel °c degc degree celsius 度 摄氏度 °",
    "[degF]": "f °f degf [degf] fahrenheit 华氏度",
    "mm[Hg]": "mmhg mm[hg] 毫米汞柱",
    "kPa": "kpa 千帕",
    "kg": "kg kgs 公斤 千克",
    "[lb_av]": "lb lbs [lb_av] 磅",
    "mmol/L": "mmol/l 毫摩尔/升",
    "mg/dL": "mg/dl",
    "count": "step steps count 步",
    "dBm": "dbm",
    "V": "v 伏",
    "mV": "mv 毫伏",
    "deg": "deg",
}
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x2103: "°C", 0x2109: "°F"}
_UCUM = {spelled: unit for unit, all_of_them in _UNITS.items() for spelled in all_of_them.split()}


class Said(NamedTuple):
    value: float
    unit: str | None
    """As UCUM writes it; None without one."""


def number_said(text: str) -> Said | None:
    """None where it is no number, or a number of something that nobody here knows: `72 apples`, `3 of 4`."""
    if len(text) > _LONGEST:
        return None
    match = _NUMBER.fullmatch(text.translate(_NARROW).strip())
    if match is None:
        return None
    unit = unit_said(match[4]) if match[4] else None
    if match[4] and unit is None:
        return None
    return Said(float(f"{match[1]}.{match[2] or match[3] or 0}"), unit)


def unit_said(text: str) -> str | None:
    """UCUM's code of a unit as firmware spells it: `次/分` → `beat/min`; None where nobody here knows it."""
    return _UCUM.get(text.translate(_NARROW).lower().replace(" ", "").rstrip("."))
