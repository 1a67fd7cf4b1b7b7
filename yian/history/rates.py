"""How much happens in a simulated history, and when. Pure data, with where each number comes from.

Sources: "domain" is the list of figures and sources that the project works from (TSA and QSF monitoring, NHS England,
ISA-18.2); "assumed" is a plausible number that nobody has published for a Chinese city.
"""

import math
from dataclasses import dataclass
from random import Random

from contracts.alarm_kind import AlarmKind
from services.elders.model import DeviceKind

DAYS_A_MONTH = 30.4


@dataclass(frozen=True, slots=True)
class Rates:
    """Per elder and month, unless it says otherwise."""

    alarms: float = 0.3
    """Assumed, so that 20,000 elders ring about 8 times an hour: two operators' load by ISA-18.2, 6 an hour each."""
    technical: float = 0.1
    """Low batteries and opened cases. Assumed."""
    one_time: float = 0.12
    """Orders that do not recur. Assumed."""
    lunches: float = 0.03
    """Share of elders who have lunch brought on working days. Assumed."""
    weekly: float = 0.04
    """Share of elders with a weekly service. Assumed."""
    offline: float = 0.01
    """Share of devices and phones that are away when something happens: they tell it hours to three days later. What
    devices keep they keep for 72 hours (the device guide)."""
    offline_h: tuple[float, float] = (0.2, 71.0)


USUAL = Rates()

KINDS: dict[AlarmKind, tuple[float, DeviceKind]] = {
    AlarmKind.SOS: (46, DeviceKind.WATCH),
    AlarmKind.FALL: (18, DeviceKind.WATCH),
    AlarmKind.VITAL_OUT_OF_RANGE: (12, DeviceKind.WATCH),
    AlarmKind.HELP_REQUEST: (7, DeviceKind.PENDANT),
    AlarmKind.INACTIVITY: (6, DeviceKind.DOOR),
    AlarmKind.GEOFENCE_EXIT: (4, DeviceKind.WATCH),
    AlarmKind.SMOKE: (4, DeviceKind.SMOKE),
    AlarmKind.GAS: (3, DeviceKind.GAS),
}
"""Weight, and what rings. Assumed: most alarms of telecare are presses, and most of those are not emergencies."""

TECHNICAL: dict[AlarmKind, tuple[float, DeviceKind]] = {
    AlarmKind.LOW_BATTERY: (85, DeviceKind.WATCH),
    AlarmKind.TAMPER: (15, DeviceKind.PENDANT),
}

FALSE: dict[AlarmKind, float] = {
    AlarmKind.SOS: 0.28,
    AlarmKind.FALL: 0.46,
    AlarmKind.VITAL_OUT_OF_RANGE: 0.22,
    AlarmKind.HELP_REQUEST: 0.12,
    AlarmKind.INACTIVITY: 0.34,
    AlarmKind.GEOFENCE_EXIT: 0.30,
    AlarmKind.SMOKE: 0.52,
    AlarmKind.GAS: 0.33,
}
"""Share closed as false, by kind: so models differ, as they do in a city. Assumed."""

OUTCOMES: dict[str, float] = {
    "handled_by_phone": 68,
    "family_attended": 15,
    "responder_attended": 8,
    "ambulance_called": 6,
    "unreachable": 2,
    "device_fault": 1,
}
"""Of those that are not false: 93 % and more need no ambulance (domain: NHS England)."""

TESTS, DUPLICATES = 0.03, 0.02
"""Shares of all alarms. Assumed."""

ALARM_HOURS = (3, 2, 2, 2, 3, 5, 8, 9, 8, 7, 6, 6, 6, 5, 5, 5, 6, 7, 8, 8, 7, 6, 5, 4)
"""By hour of the day, midnight first: mornings and evenings, few at night. Assumed."""
ALARM_WEEK = (1.06, 1.0, 1.0, 0.98, 1.0, 1.02, 0.94)
"""Monday first. Assumed."""
ALARM_YEAR = (1.16, 1.12, 1.02, 0.96, 0.93, 0.95, 1.05, 1.03, 0.94, 0.94, 1.0, 1.1)
"""January first: cold, slippery and with more fires in winter, hot in July. Assumed."""

ANSWER_MEDIAN_S, ANSWER_SPREAD = 15.0, 0.66
"""Log-normal; 97.5 % within 60 s, as the target says (domain: TSA). Shift changes and rushes answer later."""
SHIFT_CHANGES = (0, 8, 16)
RUSH = 1.9

ORDER_WEEK = (1.1, 1.05, 1.0, 1.05, 1.1, 0.9, 0.8)
"""Monday first. Assumed."""

SERVICES: tuple[tuple[str, str, str, float, int, int, int], ...] = (
    ("cleaning_home", "居家保洁", "Home cleaning", 30, 60, 4200, 1),
    ("bath_assisted", "上门助浴", "Assisted bath at home", 14, 90, 14000, 1),
    ("bath_bedside", "失能老人床上助浴", "Bath in bed", 4, 90, 25000, 2),
    ("medical_escort", "陪同就医", "Escort to hospital", 12, 240, 19000, 1),
    ("medicine_pickup", "代取药品", "Medicine fetched", 8, 60, 2800, 1),
    ("nursing_home_visit", "居家照护", "Care at home", 12, 60, 5600, 1),
    ("shopping_errand", "物品代购", "Shopping", 10, 60, 2400, 1),
    ("companionship_visit", "精神慰藉", "Company", 6, 60, 2900, 1),
    ("laundry", "洗衣晾晒", "Laundry", 4, 60, 3800, 1),
    ("rehabilitation_home", "康复护理", "Rehabilitation at home", 4, 60, 17000, 1),
    ("health_advice", "健康咨询", "Health advice", 3, 30, 5500, 1),
    ("chronic_follow_up", "慢病随访", "Chronic care", 3, 40, 7500, 1),
    ("meal_dinner", "晚餐送餐", "Dinner delivered", 2, 10, 1500, 1),
    ("respite_day", "喘息服务", "Respite", 0.5, 480, 34000, 1),
    ("emergency_help", "应急上门", "Help at once", 0.5, 60, 9000, 1),
    ("home_care_bed", "家庭养老床位", "Care bed at home", 0.5, 60, 280000, 1),
    ("mobility_escort", "出行陪伴", "Company on the way", 5, 60, 3800, 1),
    ("aid_rental", "康复辅具租赁", "Aids for rent", 0.5, 60, 28000, 1),
)
"""Code and name as in the catalogue, weight (assumed), minutes, fen, workers."""


def poisson(chance: Random, mean: float) -> int:
    """How often, of what happens so often on average."""
    if mean <= 0:
        return 0
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, n, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        n += 1
        product *= chance.random()
    return n
