"""The vitals that the platform knows: LOINC code, UCUM unit, and normal range.

Codes: domain.md §7 and loinc.org. Ranges are for elders at rest. They only colour a figure and never raise an alarm.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    low: float | None
    high: float | None

    def holds(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vital:
    loinc: str | None
    unit: str | None
    """UCUM."""
    sent_as: frozenset[str]
    """Units of the wire that mean the same; in any other the figure is told as sent and not judged."""
    range: Range | None = None


def _vital(
    loinc: str | None, unit: str | None, *sent_as: str, low: float | None = None, high: float | None = None
) -> Vital:
    span = None if low is None and high is None else Range(low=low, high=high)
    return Vital(
        loinc=loinc, unit=unit, sent_as=frozenset((unit, *sent_as)) if unit else frozenset(sent_as), range=span
    )


VITALS: dict[str, Vital] = {
    "heart_rate": _vital("8867-4", "/min", "beat/min", "1/min", "beats/min", "{beats}/min", "bpm", low=50, high=110),
    "spo2": _vital("59408-5", "%", low=93, high=100),
    "body_temperature": _vital("8310-5", "Cel", "°C", "℃", low=35.5, high=37.5),
    "systolic_bp": _vital("8480-6", "mm[Hg]", "mmHg", low=90, high=160),
    "diastolic_bp": _vital("8462-4", "mm[Hg]", "mmHg", low=50, high=95),
    "respiratory_rate": _vital("9279-1", "/min", "1/min", "{breaths}/min", low=10, high=22),
    "blood_glucose": _vital("15074-8", "mmol/L", low=3.9, high=11.1),
    "body_weight": _vital("29463-7", "kg"),
    "steps": _vital("55423-8", "{steps}", "count"),
    "battery": _vital(None, "%", "%EL", low=20),
    "signal": _vital(None, "dB[mW]", "dBm"),
    "lat": _vital(None, "deg", "lat"),
    "lon": _vital(None, "deg", "lon"),
    "worn": _vital(None, None),
    "motion": _vital(None, None),
    "door": _vital(None, None),
}


@dataclass(frozen=True, slots=True)
class Judged:
    unit: str | None
    loinc: str | None
    range: Range | None
    out_of_range: bool


def judge(name: str, unit_sent: str | None, value: float | None) -> Judged:
    """What a figure means, as far as its unit is one the name is known in. No unit is taken for the usual one."""
    vital = VITALS.get(name)
    if vital is None or (unit_sent is not None and unit_sent not in vital.sent_as):
        return Judged(unit_sent, None, None, False)
    out = vital.range is not None and value is not None and not vital.range.holds(value)
    return Judged(vital.unit, vital.loinc, vital.range, out)
