"""What devices and desks did, made by chance: events for the bus, and facts as they are written after a look."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.metrics.facts_devices import BatteryFact, DeviceFact
from services.metrics.facts_load import LoadFact, window_name
from services.metrics.model import Subject
from tests.integration.figure_log import SHANGHAI, TOWNS, VILLAGES, Happened, Log, Shift, a_case

MODELS = ("手环 W3", "呼叫器 P1")
DESKS: tuple[tuple[str, ...], ...] = (("4202",), ("420202",), ("420202", "420281"), (TOWNS[0],), ("420281",))
TEN = timedelta(minutes=10)


def add_presses(log: Log, chance: random.Random, first: date, *, days: int, presses: int, worn: dict[str, str]) -> None:
    """:param worn: device → where its bearer lives; '': nobody wears it"""
    begin = datetime.combine(first, datetime.min.time(), SHANGHAI).astimezone(UTC)
    for number in range(presses):
        device = chance.choice(sorted(worn))
        occurred = begin + timedelta(milliseconds=chance.randrange(days * 86_400_000))
        lag = timedelta(milliseconds=chance.choice((300, 900, 2_000, 4_999, 5_000, 61_000, 80_000_000, -3_000, -9_000)))
        heard = [occurred + lag + timedelta(seconds=5 * n) for n in range(chance.choice((1, 1, 1, 2, 4)))]
        kind = chance.choice(("sos", "sos", "fall", "low_battery", "unknown"))
        clock = chance.choice(("right", "right", "right", "none", "suspect"))
        body: dict[str, Any] = {
            "device_id": device, "event_id": f"e{number}", "wire_type": f"device.{kind}", "kinds": [kind, "test"],
            "data_digest": "00ff",
        }  # fmt: skip
        if clock != "none":
            body["device_time"] = occurred if clock == "right" else datetime(1970, 1, 1, tzinfo=UTC)
        if clock != "right":
            occurred = heard[0]
        for at in heard:
            said = {**body, "received_at": at, "occurred_at": occurred if clock == "right" else at}
            if clock == "suspect":
                said["time_suspect"] = True
            log.say("device.event_received.v1", "yian.device.event", f"{device}/e{number}", said)
        fields = {"worklist": kind == "low_battery", "heard": heard, "occurred": occurred, "clock": clock == "right"}
        day = occurred.astimezone(SHANGHAI).date()
        log.presses.append(Happened(day, worn[device], "", fields, UUID(int=number)))
    for odd in (
        {"kinds": ["garbled"]}, {"kinds": ["sos"], "times": 40}, {"kinds": ["test"]}, {"kinds": ["of_tomorrow"]},
        {"kinds": ["sos"], "wire_type": "worker.sos"},
    ):  # fmt: skip
        same = {"device_id": "W-0", "event_id": "odd", "received_at": begin, "occurred_at": begin}
        log.say("device.event_received.v1", "yian.device.event", "W-0/odd", {**same, **odd})


def add_device_days(log: Log, chance: random.Random, first: date, *, days: int, devices: int) -> None:
    """Each device each day, and the facts of it: those of which something is missing one by one."""
    homes = [(f"D-{n}", chance.choice(MODELS), chance.choice(VILLAGES)) for n in range(devices)]
    for n in range(days):
        day = first + timedelta(days=n)
        seen = set(range(24)) - set(chance.sample(range(24), chance.choice((0, 0, 3))))
        groups: dict[tuple[str, str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        for device, model, region in homes:
            away = chance.random() < 0.1
            served = set(range(chance.choice((0, 0, 0, 7)), 24))
            silent = set(chance.sample(range(24), chance.choice((0, 0, 0, 1, 24))))
            promised, came = len(served) * 6, chance.choice((144, 140, 200, 30, 0))
            same = {"away": away, "served": served, "seen": seen, "silent": silent}
            log.device_days.append(Happened(day, region, "", {**same, "look": "heard"}, UUID(int=0)))
            measured = {**same, "look": "measured", "promised": promised, "came": came}
            log.device_days.append(Happened(day, region, "", measured, UUID(int=0)))
            missing = silent & served & seen and not away
            state, alone = "away" if away else "counted", device if missing else ""
            _add(groups["heard", state, region, model, alone], len(served & seen), len((served & seen) - silent))
            if served - seen:
                _add(groups["heard", "unseen", region, model, ""], len(served - seen), 0)
            alone = device if came < 0.9 * promised and not away else ""
            _add(groups["measured", state, region, model, alone], promised, min(promised, came))
        start = datetime.combine(day, datetime.min.time(), SHANGHAI)
        for (look, state, region, model, device), (count, promised, kept) in groups.items():
            row = UUID(int=random.Random(f"{look} {state} {region} {model} {device} {day}").getrandbits(128))
            fact = DeviceFact(
                f"look/{look}/{day}", row, look, state, start, start + timedelta(days=1), day, region, model, device,
                count, promised, kept, "",
            )  # fmt: skip
            log.facts.append((Subject.DEVICE, fact))


def _add(group: list[int], promised: int, kept: int) -> None:
    group[0], group[1], group[2] = group[0] + 1, group[1] + promised, group[2] + kept


def add_batteries(log: Log, chance: random.Random, first: date, *, days: int, batteries: int) -> None:
    begin = datetime.combine(first, datetime.min.time(), SHANGHAI)
    for number in range(batteries):
        since = begin + timedelta(minutes=chance.randrange(days * 1440))
        low_s = None if chance.random() < 0.2 else round(chance.lognormvariate(10, 1), 3)
        region, model, id_ = chance.choice(VILLAGES), chance.choice(MODELS), UUID(int=days << 64 | number << 1 | 1)
        same = (since, f"D-{number}", model, region)
        log.facts.append((Subject.BATTERY, BatteryFact(f"e{number}", id_, 1, "low", since, since, *same)))
        if low_s is not None:
            end = since + timedelta(seconds=low_s)
            state = chance.choice(("charged", "replaced"))
            log.facts.append((Subject.BATTERY, BatteryFact(f"l{number}", id_, 2, state, end, end, *same)))
        log.batteries.append(Happened(since.date(), region, model, {"low_s": low_s}, id_))


def add_busy_times(log: Log, chance: random.Random, first: date, *, days: int) -> None:
    """More alarms in a few minutes than one operator can answer."""
    begin = datetime.combine(first, datetime.min.time(), SHANGHAI)
    for burst, alarms in enumerate((40, 25, 14, 14, 9, 6, 6, 5, 4, 4, 3)):
        at = begin + chance.randrange(days * 144) * TEN
        for number in range(alarms):
            id_ = UUID(int=7 << 100 | days << 64 | burst << 32 | number)
            a_case(log, chance, id_, at + timedelta(seconds=chance.randrange(590)))


def add_shifts(log: Log, chance: random.Random, first: date, *, days: int, windows: int) -> None:
    """Of ten minutes some in which alarms rang and some in which none did; in some nobody is on shift."""
    begin = datetime.combine(first, datetime.min.time(), SHANGHAI).astimezone(UTC)
    starts = {begin + chance.randrange(days * 144) * TEN for _ in range(windows)}
    starts |= {_window(case.fields["opened"]) for case in log.cases if chance.random() < 0.5}
    for begins_at in sorted(starts):
        on = chance.sample(range(len(DESKS)), chance.choice((0, 1, 2, 5)))
        operators = {UUID(int=800 + n): DESKS[n] for n in on}
        shift = Shift(begins_at, operators, {who: chance.choice((0, 3, 9, 10, 40)) for who in operators})
        log.shifts.append(shift)
        window, at = window_name(begins_at), begins_at + TEN
        said = f"look/desks/{begins_at:%Y-%m-%dT%H:%MZ}"
        looked = LoadFact(said, window, "looked", UUID(int=0), begins_at, at, begins_at, None, [], 0)
        log.facts.append((Subject.LOAD, looked))
        for who, regions in operators.items():
            common = regions[0] if len(regions) == 1 else "4202"
            fact = LoadFact(
                f"{said}/{who}", window, "on_shift", who, begins_at, at, begins_at, common, list(regions),
                shift.standing[who],
            )  # fmt: skip
            log.facts.append((Subject.LOAD, fact))


def _window(at: datetime) -> datetime:
    at = at.astimezone(UTC)
    return at - timedelta(minutes=at.minute % 10, seconds=at.second, microseconds=at.microsecond)
