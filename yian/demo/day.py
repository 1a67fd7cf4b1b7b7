"""The day before the city was founded: readings in the course of 24 hours, so that charts are not empty at first.

Measured by the same invented wearers as the fleet simulates; only their moment depends on when the city is founded.
"""

from collections.abc import Iterator
from random import Random

from device_sim.living import Wearer
from services.elders.model import DeviceKind
from services.telemetry.model import Reading
from yian.demo.people import DemoDevice, DemoPerson

EVERY_SECONDS = 600
DAY_SECONDS = 86_400
UNITS = {"heart_rate": "beat/min", "steps": "count", "battery": "%EL", "spo2": "%"}


def day_of(person: DemoPerson, until: float) -> Iterator[Reading]:
    """:param until: Unix time, seconds; nothing is measured after it."""
    for device in person.devices:
        if device.kind is DeviceKind.WATCH:
            yield from _worn(device, until)
        elif device.kind is DeviceKind.BLOOD_PRESSURE:
            yield from _measured_twice(device, until)


def _worn(device: DemoDevice, until: float) -> Iterator[Reading]:
    wearer = Wearer.seeded(device.device_id)
    for ago in range(DAY_SECONDS, 0, -EVERY_SECONDS):
        for told in wearer.minute(until - ago):
            yield _reading(device, told.name, UNITS[told.name], until - ago, float(told.value))


def _measured_twice(device: DemoDevice, until: float) -> Iterator[Reading]:
    chance = Random(device.device_id)
    for ago in (20 * 3600, 8 * 3600):
        at = until - ago + chance.randrange(3600)
        systolic = round(chance.gauss(136, 14))
        yield _reading(device, "systolic_bp", "mm[Hg]", at, systolic)
        yield _reading(device, "diastolic_bp", "mm[Hg]", at, round(systolic * chance.uniform(0.55, 0.65)))


def _reading(device: DemoDevice, name: str, unit: str, at: float, value: float) -> Reading:
    moment = int(at * 1e6)
    return Reading(device.device_id, name, unit, moment, moment, value, None, False)
