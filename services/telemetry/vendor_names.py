"""What vendors call the vitals of `catalogue.VITALS`. Pure."""

import re
from functools import lru_cache

from services.telemetry.catalogue import VITALS

BLOOD_PRESSURE = "blood_pressure"
"""Both in one: `120/80`."""
_BOTH = re.compile(r"\s*(\d{2,3}(?:\.\d{1,2})?)\s*[/|,]\s*(\d{2,3}(?:\.\d{1,2})?)\s*(?:mm\s?hg)?\s*", re.IGNORECASE)
_CALLED = {
    "heart_rate": "hr bpm heart heartbeat heartrate heartrates pulse pulserate 心率 脉搏",
    "spo2": "spo2 sao2 bloodoxygen oxygen oxygensaturation o2sat oximetry 血氧 血氧饱和度",
    "body_temperature": "temp temperature bodytemp bodytemperature 体温",
    "systolic_bp": "sbp sys systolic systolicbp systolicpressure bpsystolic bphigh highpressure 收缩压 高压",
    "diastolic_bp": "dbp dia diastolic diastolicbp diastolicpressure bpdiastolic bplow lowpressure 舒张压 低压",
    "respiratory_rate": "respiratoryrate respiration respirationrate breathrate breathingrate resprate rr 呼吸 呼吸率",
    "body_weight": "weight bodyweight 体重",
    "blood_glucose": "glucose bloodglucose bloodsugar glu 血糖",
    "steps": "step steps stepcount stepscount stepcounter pedometer 步数",
    "battery": "battery batt bat batterylevel batterypercent batterypct batterypercentage power 电量",
    "signal": "signal rssi signalstrength 信号",
    "lat": "latitude gpslat 纬度",
    "lon": "longitude lng gpslon gpslng 经度",
    "worn": "worn wearing iswearing isworn onwrist wearstatus 佩戴",
    BLOOD_PRESSURE: "bp bloodpressure nibp 血压",
}
_NAMES = {folded: name for name, all_of_them in _CALLED.items() for folded in all_of_them.split()}
_PLAUSIBLE = {"body_temperature": (34.0, 43.0), "battery": (0.0, 100.0), "spo2": (0.0, 100.0)}
"""Otherwise it is something else: a room's temperature, a battery's millivolts."""
_LONGEST = 24


@lru_cache(4_096)
def vital_called(name: str) -> str | None:
    """`HR`, `heartRate` → `heart_rate`; None where it has its right name already, or nobody knows it."""
    if name in VITALS or len(name) > _LONGEST:
        return None
    return _NAMES.get(name.lower().replace("_", "").replace("-", "").replace(" ", ""))


def is_plausible(name: str, value: float) -> bool:
    """In the vital's own unit."""
    low, high = _PLAUSIBLE.get(name, (float("-inf"), float("inf")))
    return low <= value <= high


def both_pressures(text: str | None) -> tuple[float, float] | None:
    """`120/80` → systolic, diastolic."""
    both = _BOTH.fullmatch(text[:32]) if text else None
    return (float(both[1]), float(both[2])) if both else None
