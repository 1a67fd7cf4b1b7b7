"""What devices in the field do wrong, as plans of what to put on the wire. Pure: no sockets here."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from device_sim import senml
from device_sim.events import Fix, as_bytes, event, new_event_id
from device_sim.living import Wearer

HOME = Fix(30.2012, 115.0387)


@dataclass(frozen=True, slots=True)
class Say:
    """A message of the device, exactly these bytes."""

    rest: str
    """The topic below `yian/v1/{device_id}/`."""
    payload: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float


@dataclass(frozen=True, slots=True)
class Drop:
    """Lose the network, come back at once."""


Step = Say | Wait | Drop
Manner = Callable[[str, datetime, random.Random], Iterator[Step]]


def duplicates(device_id: str, now: datetime, chance: random.Random) -> Iterator[Step]:
    """One press, the same bytes five times: one case, one press, five receipts."""
    body = as_bytes(event(device_id, "sos", now, fix=HOME))
    for _ in range(5):
        yield Say("up/event", body)
        yield Wait(chance.uniform(0, 0.2))


def no_fix(device_id: str, now: datetime, chance: random.Random) -> Iterator[Step]:
    """A press from a cellar: location null, then not even data."""
    yield Say("up/event", as_bytes(event(device_id, "sos", now, fix=None)))
    bare = event(device_id, "sos", now)
    del bare["data"]
    yield Say("up/event", as_bytes(bare))


def clock_1970(device_id: str, now: datetime, chance: random.Random) -> Iterator[Step]:
    """After a flat battery the clock starts at zero; before the network sets it there is no time at all."""
    since_boot = timedelta(seconds=chance.randint(1, 600))
    yield Say("up/event", as_bytes(event(device_id, "sos", datetime.fromtimestamp(0, UTC) + since_boot, fix=HOME)))
    yield Say("up/event", as_bytes(event(device_id, "sos", None, fix=HOME)))


def offline_burst(device_id: str, now: datetime, chance: random.Random) -> Iterator[Step]:
    """An hour without network, then all of it at once: 60 packs, presses made on the way, in an array."""
    yield Drop()
    wearer = Wearer.seeded(device_id)
    for minute in range(60, 0, -1):
        at = now - timedelta(minutes=minute)
        for pack in senml.packs(device_id, wearer.minute(round(at.timestamp(), 3))):
            yield Say("up/telemetry", pack)
    pressed = [
        event(device_id, kind, now - timedelta(minutes=ago), fix=HOME)
        for kind, ago in (("low_battery", 55), ("sos", 40), ("sos", 39))
    ]
    yield Say("up/event", as_bytes(pressed))


def two_alarms(device_id: str, now: datetime, chance: random.Random) -> Iterator[Step]:
    """Low battery and SOS in one event: two alarms, SOS first."""
    yield Say("up/event", as_bytes(event(device_id, "low_battery", now, fix=HOME, battery_pct=3, also=("sos",))))


def garbage(device_id: str, now: datetime, chance: random.Random) -> Iterator[Step]:
    """What half-broken firmware and foreign protocols send to the topic of alarms, and to telemetry."""
    good = event(device_id, "sos", now, fix=HOME)
    body = as_bytes(good)
    yield Say("up/event", b"[3G*8800000015*00CD*AL,220414")
    yield Say("up/event", body[: len(body) * 2 // 3])
    yield Say("up/event", b"")
    yield Say("up/event", chance.randbytes(200))
    yield Say("up/event", b"[" * 5000)
    yield Say("up/event", b'{"specversion":"1.0"}')
    yield Say("up/event", as_bytes([{**good, "id": new_event_id()}, {"hello": 1}]))
    yield Say("up/event", as_bytes({**good, "id": "x" * 65}))
    yield Say("up/event", b"9" * 70_000)
    yield Say("up/telemetry", b"hr=72")
    yield Say("up/telemetry", b'[{"n":"spo2","u":"%","v":1e999},{"n":"spo2","u":"%","v":97}]')
    yield Say("up/status", b"\xff\xfe")


def reconnect_storm(device_id: str, now: datetime, chance: random.Random) -> Iterator[Step]:
    """The line flaps: ten times off and on again, a press in the middle of it and its repeat at the end."""
    body = as_bytes(event(device_id, "sos", now, fix=HOME))
    for turn in range(10):
        if turn == 5:
            yield Say("up/event", body)
            yield Wait(0.02)
        yield Drop()
        yield Wait(chance.uniform(0, 0.3))
    yield Say("up/event", body)


MANNERS: dict[str, Manner] = {
    "duplicates": duplicates,
    "no-fix": no_fix,
    "clock-1970": clock_1970,
    "offline-burst": offline_burst,
    "two-alarms": two_alarms,
    "garbage": garbage,
    "reconnect-storm": reconnect_storm,
}
