"""Families who ask when somebody could come, on a full day and on a small one by turns, in a process of its own. Prints
one JSON line with the milliseconds of each."""

import argparse
import asyncio
import json
import random
import time
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import uvloop

from bench.orders.client import Client, opened_http
from bench.orders.town import SERVICES
from services.business_day import ZONE

FIRST_MIN, LAST_MIN, STEP_MIN = 8 * 60, 17 * 60, 15
PAUSE_S = 0.05


async def asked_once(
    client: Client, day: dict[str, Any], tomorrow: date, chance: random.Random
) -> tuple[float, int] | None:
    """Milliseconds, and how many times were offered; None: dispatch did not answer in time."""
    at = datetime.combine(tomorrow, clock_time(), ZONE) + timedelta(
        minutes=chance.randrange(FIRST_MIN, LAST_MIN, STEP_MIN)
    )
    begun = time.perf_counter()
    answer = await client.get(
        f"/elders/{chance.choice(day['elder_ids'])}/slots",
        provider_id=day["provider_id"],
        service_code=chance.choice(list(SERVICES)),
        day=tomorrow.isoformat(),
        at=at.isoformat(),
    )
    spent_ms = (time.perf_counter() - begun) * 1000
    answer.raise_for_status()
    if not answer.json()["checked"]:
        return None
    return spent_ms, len(answer.json()["times"])


async def run(asked: argparse.Namespace) -> dict[str, Any]:
    town, chance = json.loads(asked.town_file.read_text()), random.Random(1)
    tomorrow = date.fromisoformat(town["tomorrow"])
    spent: dict[str, list[float]] = {name: [] for name in town["days"]}
    empty = 0
    async with opened_http(asked.address) as http:
        clients = {name: await Client.signed_in(http, asked.address, day) for name, day in town["days"].items()}
        for _ in range(asked.count):
            for name, day in town["days"].items():
                if told := await asked_once(clients[name], day, tomorrow, chance):
                    spent[name].append(told[0])
                    empty += not told[1]
                await asyncio.sleep(PAUSE_S)
    return {"asked": asked.count, "spent_ms": spent, "without a time": empty}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.orders.slots", description=__doc__)
    parser.add_argument("address", help="http://host:port of the app")
    parser.add_argument("town_file", type=Path, help="what `bench.orders.town` has made")
    parser.add_argument("--count", type=int, default=200, help="questions of each day")
    print(json.dumps(uvloop.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()
