"""One device floods the platform: do the others notice?

Presses of devices that have not pressed before, on Mosquitto, Kafka and PostgreSQL: quiet, then beside each flood, with
a quiet stretch before each. The last column of a flood is its p99 to the screen over that of all quiet stretches of the
same run; three is the most that is allowed.
"""

import argparse
import json
import os
import time
from collections.abc import Callable

from bench.chain.generator import Generator, Row, latencies
from bench.chain.two_chains import our_chain
from bench.chain.watch import Watch
from bench.floods.flooder import FLOODS, RECONNECTS
from bench.program import run
from bench.stack import Stack
from bench.tables import percentile, show

PAUSE_S = 0.06
SETTLE_S = 4.0
LIMIT = 3.0
WATCHED = ["gateway", "gateway-bulk", "alarms", "worker", "writer"]
NAMES = (*FLOODS, RECONNECTS)
WORDS = {**{name: flood.said for name, flood in FLOODS.items()}, RECONNECTS: "connects and disconnects, 50 a second"}


class Floods:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._chain = our_chain(stack)
        self._pressed = 0
        stack.allow([f"X-{name}" for name in NAMES])

    def press(self, count: int, every_s: float = PAUSE_S) -> Generator:
        names = [f"P-{self._pressed + number:06}" for number in range(count)]
        self._pressed += count
        allowed = self._stack.allow(names)
        file = self._stack.directory / f"presses-{self._pressed}.json"
        file.write_text(json.dumps(allowed))
        words = ["-m", "bench.chain.presses", self._stack.mosquitto.address, self._chain.console, str(file)]
        words += ["--count", str(count), "--every", str(every_s), *self._chain.press_words]
        return Generator(words, BENCH_PASSWORD=self._stack.operator_password)

    def flood(self, name: str, seconds: float) -> Generator:
        words = ["-m", "bench.floods.flooder", self._stack.mosquitto.address, str(self._stack.devices_file)]
        return Generator([*words, f"X-{name}", name, "--seconds", str(seconds)])

    def beside(self, name: str, count: int) -> tuple[Row, Row]:
        """(what the others saw, what the flooder did)."""
        presses = self.press(count)
        time.sleep(SETTLE_S)  # their devices connect meanwhile
        with Watch(self._stack.parts(WATCHED)) as watch:
            flood = self.flood(name, count * PAUSE_S).answer()
        cores = {f"{part}, cores": used.cpu_s / watch.seconds for part, used in watch.usage.items()}
        return presses.answer(), flood | {"cores": cores}


def measure(stack: Stack, names: list[str], count: int, say: Callable[[str], None]) -> list[Row]:
    floods = Floods(stack)
    floods.press(800, 0.02).answer()  # Kafka compiles what an event passes for the first 600 or so
    os.sync()
    quiet: list[Row] = []
    beside: list[Row] = []
    for name in names:
        say("quiet")
        quiet.append(floods.press(count).answer())
        say(WORDS[name])
        seen, flood = floods.beside(name, count)
        beside.append({"beside": WORDS[name], **latencies([seen]), **_said(flood)})
        time.sleep(SETTLE_S)
    before = [ms for one in quiet for ms in one["shown_ms"]]
    calm = {"beside": "quiet", **latencies(quiet)}
    for row in beside:
        row["p99 / quiet"] = row["on screen p99 ms"] / percentile(before, 0.99)
    return [calm, *beside]


def _said(flood: Row) -> Row:
    said = {"flood /s": flood["sent_per_s"], "its accepted": flood["accepted"], "its rejected": flood["rejected"]}
    return {**said, **flood["cores"]}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.floods", description=__doc__)
    parser.add_argument("--presses", type=int, default=600, help="beside each flood, and in each quiet stretch")
    parser.add_argument("--flood", choices=NAMES, action="append", help="only this one; may be said several times")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with Stack() as stack:
        rows = measure(stack, asked.flood or list(NAMES), asked.presses, stack.say)
    show("Presses of others, quiet and beside a flood of one device", rows, as_json=asked.json)
    raise SystemExit(any(row["not shown"] or row.get("p99 / quiet", 0) > LIMIT for row in rows))


if __name__ == "__main__":
    run(main)
