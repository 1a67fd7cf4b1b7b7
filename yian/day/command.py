"""`yian sim day`: a city, its people, a day, and what an outsider finds in its books afterwards."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import uvloop

from device_sim.people.day import Happening, Script, play
from device_sim.people.town import Town
from device_sim.people.wishes import families_needed
from services.business_day import business_day, day_starts_at
from yian.day.checker.check import Findings, check
from yian.day.city import City
from yian.day.founding import Founded, Wanted
from yian.day.settling import settle
from yian.plain_errors import sentence
from yian.up.city import DataDirectory
from yian.up.command import Ended, ends_with_a_signal
from yian.up.say import Progress
from yian.up.supervisor import Supervisor
from yian.up.trouble import Trouble

BEGINS, ENDS = timedelta(hours=6), timedelta(hours=21)
APP_DIES, DISPATCHER_DIES = timedelta(hours=11, minutes=30), timedelta(hours=14, minutes=15)
DEVICES = 5
LEAD_S = 40.0
SETTLES_S, LONGEST_S = 4.0, 30.0
"""The books are read once nothing waits to be said, after so long at least and at most."""
TUESDAY = 1


@dataclass(frozen=True, slots=True)
class DayOptions:
    elders: int
    orders: int
    workers: int
    speed: float
    seed: int
    real: bool
    as_json: bool
    data: Path | None


def day_command(options: DayOptions) -> int:
    """The exit code: 0 only if every rule holds."""
    progress = Progress(sys.stderr) if options.as_json else Progress()
    supervisor = Supervisor(progress.line)
    root = options.data or Path(tempfile.mkdtemp(prefix="yian-day-", dir="/tmp"))
    try:
        with ends_with_a_signal():
            try:
                held = _lived(options, DataDirectory(root.resolve()), progress, supervisor)
            finally:
                supervisor.end()
    except Ended:
        _forget(options, root)
        return 130
    except Exception as error:
        said = sentence(error)
        if said is None:
            raise
        print(f"\n{said}", file=sys.stderr)
        return 1
    if held:
        _forget(options, root)
    return 0 if held else 1


def _forget(options: DayOptions, root: Path) -> None:
    """What breaks a rule can be looked at; of a city that kept them all nothing is left, unless it was asked for."""
    if options.data is None:
        shutil.rmtree(root, ignore_errors=True)


def _lived(options: DayOptions, data: DataDirectory, progress: Progress, supervisor: Supervisor) -> bool:
    if data.root.exists() and any(data.root.iterdir()):
        raise Trouble(f"{data.root} is not empty: a day begins in a city of its own, so give it another folder.")
    midnight = day_starts_at(_next_tuesday(business_day(datetime.now(UTC))))
    city = City(data, options.real, midnight + BEGINS, options.speed, progress, supervisor)
    families = families_needed(options.orders, options.elders)
    wanted = Wanted(options.elders, families, options.workers, DEVICES, options.seed)
    founded = city.begin(wanted, lead_s=LEAD_S)
    script = Script(
        town=_town(city, founded), clock=city.clock, seed=options.seed, day=midnight, ends_at=midnight + ENDS,
        orders=options.orders, folder=data.root,
        happenings=(
            Happening(midnight + DISPATCHER_DIES, "dispatcher killed", lambda: city.kill("dispatcher")),
            Happening(midnight + APP_DIES, "app killed", lambda: city.kill("app")),
        ),
    )  # fmt: skip
    saw = uvloop.run(play(script, city.watch, progress.detail))
    settle(city.variables["YIAN_DATABASE"], least_s=SETTLES_S, most_s=LONGEST_S)
    progress.line()
    findings = asyncio.run(check(city.variables["YIAN_DATABASE"], city.variables["YIAN_BUS"], midnight.date()))
    _told(saw, findings, options.as_json)
    if not findings.all_hold:
        progress.line(f"  The city's books stay in {data.root}.")
    return findings.all_hold


def _town(city: City, founded: Founded) -> Town:
    return Town(
        base_url=f"http://127.0.0.1:{city.options.http_port}",
        mqtt=city.variables["YIAN_DEVICES_MQTT"],
        homes=founded.homes,
        colleagues=founded.colleagues,
        offices=founded.offices,
        operators=founded.operators,
        devices=founded.devices,
    )


def _next_tuesday(today: date) -> date:
    """An ordinary working day, and ahead: what is kept by the wall's clock is not older than it."""
    return today + timedelta(days=(TUESDAY - today.weekday() - 1) % 7 + 1)


def _told(saw: Counter[str], findings: Findings, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"people": dict(saw), **findings.figures(), "load": os.getloadavg()}, ensure_ascii=False))
        return
    for what, count in sorted(saw.items()):
        print(f"  {count:7}  {what}")
    print()
    for line in findings.lines():
        print(line)
    print(f"  load of this machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
