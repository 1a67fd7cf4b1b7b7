"""What a device is, as far as its id in the demo city tells: a device that is no smoke detector reports no smoke."""

import re
from dataclasses import dataclass
from typing import Protocol

from device_sim.living import Cuff, Sensor, Wearer
from device_sim.senml import Reading

_DEMO_ID = re.compile(r"([A-Z])-\d{6}")
# A press now and then, mostly a real one: what the devices of a city send besides readings.
_OF_WATCHES = ("sos", "sos", "sos", "fall", "help_request", "low_battery")
_ALARMS = {
    "P": ("sos", "sos", "help_request", "low_battery"),
    "S": ("smoke", "low_battery"),
    "G": ("gas", "low_battery"),
    "B": ("vital_out_of_range", "low_battery"),
    "D": ("tamper", "low_battery"),
}


class Reporter(Protocol):
    def minute(self, at: float) -> list[Reading]:
        """What the device reports at this moment; `at` in Unix seconds."""


@dataclass(frozen=True, slots=True)
class Make:
    reporter: Reporter
    alarms: tuple[str, ...]


def make_of(device_id: str) -> Make:
    """A wearable, where the id tells nothing else."""
    match = _DEMO_ID.fullmatch(device_id)
    letter = match[1] if match else "W"
    return Make(_reporter(letter, device_id), _ALARMS.get(letter, _OF_WATCHES))


def _reporter(letter: str, device_id: str) -> Reporter:
    if letter == "B":
        return Cuff.seeded(device_id)
    if letter == "D":
        return Sensor.seeded(device_id, door="front-door")
    return Sensor.seeded(device_id) if letter in _ALARMS else Wearer.seeded(device_id)
