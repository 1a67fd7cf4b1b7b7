"""What a device measured along with an alarm: its battery, and vitals of that moment."""

import re
from typing import Any

from contracts.device_event import Reading
from contracts.device_number import number_said
from contracts.remarks import RemarkCode
from ingest_gateway.decode.fields import Fields
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.text import number, short

MAX_READINGS = 64
BATTERY_KEYS = ("battery", "batterylevel", "batterypercent", "batterypercentage", "bat", "batt", "batlevel", "电量")
_PERCENT = re.compile(r"\s*(\d{1,3}(?:\.\d{1,6})?)\s*%?\s*")


def battery_of(data: Fields, noted: Noted) -> float | None:
    """Percent."""
    sent = data.get("battery_pct", BATTERY_KEYS)
    if sent is None:
        return None
    percent = number(sent, low=0, high=100)
    if percent is None and isinstance(sent, str) and (match := _PERCENT.fullmatch(sent[:16])):
        percent = number(float(match[1]), high=100)
        if percent is not None:
            noted.add(RemarkCode.BATTERY_RESPELLED, sent)
    if percent is None:
        noted.add(RemarkCode.BATTERY_UNREADABLE, sent)
    return percent


def readings_of(data: Fields, noted: Noted) -> tuple[Reading, ...]:
    sent = data.get("readings")
    if sent is None:
        return ()
    if isinstance(sent, dict) and sent:
        noted.add(RemarkCode.READINGS_RESPELLED, sent)
        sent = [sent] if "v" in sent else [{"n": name, "v": value} for name, value in sent.items()]
    if not isinstance(sent, list):
        noted.add(RemarkCode.READINGS_UNREADABLE, sent)
        return ()
    if len(sent) > MAX_READINGS:
        noted.add(RemarkCode.READINGS_UNREADABLE, f"{len(sent)} readings: the first {MAX_READINGS} were read")
    found = (_reading(item, noted) for item in sent[:MAX_READINGS])
    return tuple(reading for reading in found if reading is not None)


def _reading(item: Any, noted: Noted) -> Reading | None:
    if isinstance(item, dict):
        name, value, unit = short(item.get("n"), 64), number(item.get("v")), short(item.get("u"), 32)
        if value is None and isinstance(text := item.get("v", item.get("vs")), str) and (said := number_said(text)):
            noted.add(RemarkCode.READINGS_RESPELLED, item)
            value, unit = said.value, said.unit or unit
        if name is not None and value is not None:
            return Reading(name=name, unit=unit, value=value)
    noted.add(RemarkCode.READINGS_UNREADABLE, item)
    return None
