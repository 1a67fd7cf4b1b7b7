"""Plausible readings of one person's wearable. Numbers wander slowly around the person's own normal."""

import random
from dataclasses import dataclass

from device_sim.senml import Reading


@dataclass
class Wearer:
    """Deterministic from the seed."""

    chance: random.Random
    heart_rate: float
    spo2: float
    steps: int = 0
    battery: float = 100.0

    @classmethod
    def seeded(cls, seed: str) -> "Wearer":
        chance = random.Random(seed)
        return cls(chance, chance.gauss(72, 6), chance.gauss(96.5, 0.8), 0, chance.uniform(30, 100))

    def minute(self, at: float) -> list[Reading]:
        """Three readings, as a watch sends once a minute: heart rate, steps, battery; now and then SpO2 instead."""
        chance = self.chance
        self.heart_rate += (72 - self.heart_rate) * 0.05 + chance.gauss(0, 2)
        self.steps += max(0, round(chance.gauss(4, 12)))
        self.battery = 100.0 if self.battery < 5 else self.battery - chance.uniform(0, 0.12)
        second = (
            Reading("spo2", at, round(min(100.0, self.spo2 + chance.gauss(0, 0.6)), 1))
            if chance.random() < 0.2
            else Reading("steps", at, self.steps)
        )
        return [
            Reading("heart_rate", at, round(max(40.0, self.heart_rate), 0)),
            second,
            Reading("battery", at, round(self.battery)),
        ]


@dataclass
class Cuff:
    """A blood pressure monitor: one measurement each time."""

    chance: random.Random
    systolic: float
    battery: float = 100.0

    @classmethod
    def seeded(cls, seed: str) -> "Cuff":
        chance = random.Random(seed)
        return cls(chance, chance.gauss(132, 10), chance.uniform(30, 100))

    def minute(self, at: float) -> list[Reading]:
        systolic = self.systolic + self.chance.gauss(0, 5)
        return [
            Reading("systolic_bp", at, round(systolic)),
            Reading("diastolic_bp", at, round(systolic * 0.6 + self.chance.gauss(0, 3))),
            Reading("heart_rate", at, round(self.chance.gauss(72, 5))),
        ]


@dataclass
class Sensor:
    """A sensor on a wall or a cord that reports little: its battery and its signal."""

    chance: random.Random
    battery: float
    signal: float
    door: str | None = None
    """The door it watches, where it does."""

    @classmethod
    def seeded(cls, seed: str, *, door: str | None = None) -> "Sensor":
        chance = random.Random(seed)
        return cls(chance, chance.uniform(40, 100), chance.gauss(-78, 8), door)

    def minute(self, at: float) -> list[Reading]:
        self.battery = 100.0 if self.battery < 5 else self.battery - self.chance.uniform(0, 0.02)
        told = [
            Reading("battery", at, round(self.battery)),
            Reading("signal", at, round(self.signal + self.chance.gauss(0, 2))),
        ]
        return [*told, Reading("door", at, self.door)] if self.door and self.chance.random() < 0.1 else told
