"""A city's telemetry: each minute every device sends a message of three readings, each at its own second."""

import random
from collections.abc import Iterator

from contracts.telemetry import TelemetryMessage

DEVICES = 420_100
READINGS = 3
"""A message."""
_PACK = (
    b'[{"bn":"%b/","bt":%.3f,"n":"heart_rate","u":"beat/min","v":%g},{"n":"steps","u":"count","v":%d},'
    b'{"n":"battery","u":"%%EL","v":%g}]'
)


def messages(
    since: float, *, devices: int = DEVICES, steady: bool = False, seed: int = 1
) -> Iterator[TelemetryMessage]:
    """
    :param since: Unix time of the first
    :param steady: as a body is, one figure near the one before; else each is a whole number by chance
    """
    chance = random.Random(seed)
    names = [f"W-{number:06d}".encode() for number in range(devices)]
    beats, steps = [chance.randrange(55, 90) for _ in names], [0] * devices
    minute = 0
    order = list(range(devices))
    chance.shuffle(order)
    while True:
        for nth, number in enumerate(order):
            at = since + 60 * minute + 60 * nth / devices
            if steady:
                beats[number] = min(max(beats[number] + chance.choice((-1, 0, 0, 0, 1)), 45), 120)
                steps[number] += chance.choice((0, 0, 0, 0, 12))
                told = (float(beats[number]), steps[number], 100.0 - minute // 15)
            else:
                told = (float(chance.randrange(40, 160)), chance.randrange(100_000), float(chance.randrange(101)))
            payload = _PACK % (names[number], at, *told)
            yield TelemetryMessage(names[number].decode(), int(at * 1e6) + 1500, payload)
        minute += 1
