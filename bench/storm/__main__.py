"""Ten thousand alarms in a minute, fifty SOS among them, on two hundred consoles.

Real Mosquitto and PostgreSQL (with `--real` Kafka too), every process of the platform, each device and each console
over a connection of its own, and one console that has stalled. Then the app is killed while all are connected, fifty
operators claim one case at once, and a browser opens the console on everything that is open.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg

from bench.chain.generator import Generator
from bench.chain.watch import Usage, Watch
from bench.program import run
from bench.stack import Stack
from bench.storm.page import looked_at
from bench.tables import percentile, show
from services.accounts.handlers import create_account
from services.accounts.passwords import Passwords
from services.accounts.permissions import Role
from services.db.pool import Database
from yian.servers.places import CHECKOUT

WATCHED = ["gateway", "alarms", "worker", "app"]
CLAIMS = 50
LOOK_S = 0.05
PATIENCE_S = 240.0
Row = dict[str, Any]

LIMITS = {
    "SOS on every console, p99 ms": 2_000,
    "alarms not accepted": 0,
    "alarms without a case": 0,
    "consoles that do not hold every case": 0,
    "consoles current after the app is back, s": 5,
    "snapshot over the wire, KB": 1_000,
    "winners of one case": 1,
    "others who were told who": CLAIMS - 1,
    "first queue on the page, ms": 1_000,
    "a key answered, p99 ms": 100,
}
"""At most; of winners and of those who were told, exactly."""
EXACTLY = {"winners of one case", "others who were told who"}


class Storm:
    def __init__(self, stack: Stack, asked: argparse.Namespace) -> None:
        self._stack, self._asked = stack, asked
        self._folder: Path = stack.directory

    def found(self) -> None:
        self._stack.migrate()
        accounts = asyncio.run(self._accounts())
        (self._folder / "accounts.json").write_text(json.dumps(accounts))
        self.accounts = accounts
        self._stack.start_all()
        app = self._stack.children["app"]
        app.stop()  # with the pages this time
        self._stack.add("app", YIAN_WEB_DIST=str(CHECKOUT / "web" / "dist")).start().wait_ready()
        self.app = self._stack.children["app"].health.removesuffix("/readyz")

    async def _accounts(self) -> dict[str, str]:
        db = Database(self._stack.postgres.dsn, connections=2, name="bench")
        await db.open()
        made = {}
        for number in range(CLAIMS + 1):
            name = f"storm{number}"
            async with db.transaction() as tx:
                _, made[name] = await create_account(
                    tx, Passwords(), username=name, name=name, role=Role.OPERATOR, region_codes=["42"]
                )
        await db.close()
        return made

    def rung(self) -> tuple[Row, dict[str, Usage], float]:
        """All of it rings. Returns what the devices saw, and what each process used."""
        names = [f"S-{number:06}" for number in range(self._asked.alarms)]
        file = self._folder / "storm.json"
        file.write_text(json.dumps(self._stack.allow(names)))
        ready, go = self._folder / "devices-ready", self._folder / "go"
        words = ["-m", "bench.storm.devices", self._stack.mosquitto.address, *map(str, (file, ready, go))]
        devices = Generator([*words, "--sos", str(self._asked.sos), "--seconds", str(self._asked.seconds)])
        _wait_for(ready, devices)
        with Watch(self._stack.parts(WATCHED)) as watch:
            go.touch()
            answer = devices.answer()
        return answer, watch.usage, watch.seconds

    def consoles(self) -> Generator:
        files = (self._folder / name for name in ("accounts.json", "consoles-ready", "end"))
        words = ["-m", "bench.storm.consoles", self.app, *map(str, files)]
        hall = Generator([*words, "--consoles", str(self._asked.consoles)])
        _wait_for(self._folder / "consoles-ready", hall)
        return hall

    def open_cases(self) -> int:
        with psycopg.connect(self._stack.postgres.dsn, autocommit=True) as database:
            (count,) = database.execute("SELECT count(*) FROM alarm_cases WHERE state <> 'closed'").fetchone() or (0,)
        return int(count)

    def killed_and_back(self) -> float:
        """When the app answered again, time.perf_counter()."""
        app = self._stack.children["app"]
        app.kill()
        app.start()
        app.wait_ready()
        return time.perf_counter()

    async def claimed_at_once(self) -> tuple[int, int]:
        """(who got it, who was told who has it)."""
        async with httpx.AsyncClient(base_url=f"{self.app}/api/v1", timeout=60, headers={"Origin": self.app}) as one:
            hands = []
            for username, password in list(self.accounts.items())[:CLAIMS]:
                one.cookies.clear()
                await one.post("/session", json={"username": username, "password": password})
                cookies = dict(one.cookies)
                held = "; ".join(f"{name}={value}" for name, value in cookies.items())
                hands.append({"Cookie": held, "X-CSRF-Token": cookies["yian_csrf"]})
            one.cookies.clear()
            with psycopg.connect(self._stack.postgres.dsn, autocommit=True) as database:
                query = "SELECT id FROM alarm_cases WHERE state = 'open' AND kind = 'sos' LIMIT 1"
                (case_id,) = database.execute(query).fetchone() or (None,)
            path = f"/alarms/cases/{case_id}/claim"
            answers = await asyncio.gather(*(one.post(path, headers=hand) for hand in hands))
        told = [answer.json() for answer in answers if answer.status_code == 409]
        return sum(answer.is_success for answer in answers), sum("claimed_by" in one for one in told)


def _wait_for(file: Path, whom: Generator) -> None:
    until = time.monotonic() + PATIENCE_S
    while not file.exists():
        if not whom.running:
            whom.answer()
        if time.monotonic() > until:
            raise TimeoutError(f"{file.name} was never made")
        time.sleep(LOOK_S)


def measure(stack: Stack, asked: argparse.Namespace) -> tuple[Row, list[Row], Row]:
    storm = Storm(stack, asked)
    storm.found()
    stack.say(f"{asked.consoles} consoles come")
    hall = storm.consoles()
    stack.say(f"{asked.alarms:,} devices connect; then all ring within {asked.seconds:g} s")
    devices, used, seconds = storm.rung()
    until = time.monotonic() + PATIENCE_S
    while (cases := storm.open_cases()) < asked.alarms and time.monotonic() < until:
        time.sleep(LOOK_S)
    time.sleep(3.0)
    stack.say(f"{cases:,} cases; the app is killed")
    back_at = storm.killed_and_back()
    time.sleep(15.0)
    stack.say("fifty claim one case")
    winners, told = asyncio.run(storm.claimed_at_once())
    stack.say("a browser opens the console")
    page = looked_at(storm.app, *list(storm.accounts.items())[-1])  # who holds no case
    (stack.directory / "end").touch()
    seen = hall.answer()
    shown = [
        (at[name] - pressed) * 1000 if name in at else float("inf")
        for at in seen["shown"]
        for name, pressed in devices["pressed"].items()
    ]
    current = [min((at for at in known if at > back_at - 10), default=float("inf")) for known in seen["known_at"]]
    figures = {
        "SOS on every console, p50 ms": percentile(shown, 0.5),
        "SOS on every console, p99 ms": percentile(shown, 0.99),
        "alarms not accepted": asked.alarms - devices["accepted"],
        "alarms without a case": asked.alarms - cases,
        "consoles that do not hold every case": sum(count < asked.alarms for count in seen["cases"]) + seen["gaps"],
        "consoles current after the app is back, s": max(current) - back_at,
        "snapshot over the wire, KB": seen["snapshot_bytes"] / 1000,
        "winners of one case": winners,
        "others who were told who": told,
        "first queue on the page, ms": page["first queue ms"],
        "a key answered, p99 ms": page["key p99 ms"],
        "rang for, s": devices["seconds"],
    }
    parts = [{"process": name, "cores": one.cpu_s / seconds, "memory MB": one.rss_mb} for name, one in used.items()]
    return figures, parts, page


def verdict(figures: Row) -> list[Row]:
    def held(what: str, limit: float) -> bool:
        return bool(figures[what] == limit if what in EXACTLY else figures[what] <= limit)

    return [
        {
            "what": what,
            "measured": figures[what],
            "limit": limit,
            "verdict": "held" if held(what, limit) else "NOT HELD",
        }
        for what, limit in LIMITS.items()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    parser.add_argument("--real", action="store_true", help="Kafka; otherwise the bus in PostgreSQL")
    parser.add_argument("--alarms", type=int, default=10_000)
    parser.add_argument("--sos", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--consoles", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if not 0 < asked.sos <= asked.alarms or asked.seconds <= 0 or asked.consoles < 1:
        parser.error("--sos must be between 1 and --alarms, --seconds and --consoles above 0")
    with Stack(embedded_bus=not asked.real) as stack:
        figures, parts, page = measure(stack, asked)
    rows = verdict(figures)
    show("A storm of alarms", [{"what": what, "value": value} for what, value in figures.items()], as_json=asked.json)
    show("What each process used while it rang", parts, as_json=asked.json)
    show("The page in a browser", [page], as_json=asked.json)
    show("Verdict", rows, as_json=asked.json)
    return int(any(row["verdict"] != "held" for row in rows))


if __name__ == "__main__":
    run(main)
