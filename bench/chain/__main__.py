"""The whole chain on real parts: device → Mosquitto → gateway → Kafka → PostgreSQL and → console.

Three things are measured: presses on an idle machine; presses beside packs of three readings at --rate for --seconds;
and, in steps of rates, how much is sustained. Each is done by a bare chain without checks and by ours right after it,
both on fresh servers, for a machine is not the same a quarter of an hour later. Idle, where a millisecond counts, the
two take turns and each chain's presses are counted together: the p99 of a thousand is the tenth slowest, and on a
machine that shares its processors with others its ratio came out anywhere from 1.1 to 2.2. The load generator runs on
the same machine and is listed with the rest.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import psycopg

from bench.chain.generator import Generator, Row, latencies
from bench.chain.two_chains import CHAINS, Chain
from bench.chain.watch import Watch
from bench.program import run
from bench.stack import Stack
from bench.tables import show

LOAD_DEVICES = [f"L-{number:04}" for number in range(200)]
STEPS = (10_000, 12_000, 14_000, 16_000, 18_000, 20_000, 23_000, 26_000, 30_000, 35_000, 40_000, 50_000)
IDLE_PAUSE_S = 0.06
"""Between two presses on the idle machine, on average: ten times what one takes."""
WARM_UP_RATE = 5000
WARM_UP_S = 3.0
MAX_DRAIN_S = 1.5
"""A rate counts as sustained where this long after the load everything is in the database."""
COMPARED = ("messages/s", "accepted p50 ms", "accepted p99 ms", "on screen p50 ms", "on screen p99 ms")


class Runner:
    def __init__(self, stack: Stack, chain: Chain, say: Callable[[str], None]) -> None:
        self._stack, self._chain, self._say = stack, chain, say
        self._presses = 0
        self._first_at = 0.0
        self._database = psycopg.connect(stack.postgres.dsn, autocommit=True)

    def presses(self, count: int, every_s: float) -> Generator:
        """Devices that have not pressed before, so that each press is a case of its own."""
        names = [f"{self._chain.name[0].upper()}-{self._presses + number:06}" for number in range(count)]
        self._presses += count
        file = self._stack.directory / f"presses-{self._chain.name}-{self._presses}.json"
        file.write_text(json.dumps(self._stack.allow(names)))
        words = ["-m", "bench.chain.presses", self._stack.mosquitto.address, self._chain.console, str(file)]
        words += ["--count", str(count), "--every", str(every_s), *self._chain.press_words]
        return Generator(words, BENCH_PASSWORD=self._stack.operator_password)

    def load(self, rate: float, seconds: float) -> Generator:
        words = ["-m", "bench.chain.load", self._stack.mosquitto.address, str(self._stack.directory / "load.json")]
        self._first_at = max(self._first_at, time.time())  # a time that nobody believes would take another way
        words += ["--rate", str(rate), "--seconds", str(seconds), "--first-at", str(self._first_at)]
        self._first_at += seconds * 1.5 + 60
        return Generator(words)

    def warm_up(self) -> None:
        """A chain just started compiles, loads and connects, and the disk has the files of its start before it.

        Kafka compiles what an event passes for the first 600 or so, and its 100 slowest are ten times as slow.
        """
        presses = self.presses(800, 0.02)
        self.load(WARM_UP_RATE, 15).answer()
        presses.answer()
        os.sync()
        time.sleep(1.0)

    def idle(self, count: int) -> Row:
        return self.presses(count, IDLE_PAUSE_S).answer()

    def loaded(self, rate: float, seconds: float, every_s: float) -> tuple[Row, list[Row]]:
        """(the chain's line of the table, and one of each part)."""
        rows_before = self._count(self._chain.rows)
        inserted_before = self._count(self._chain.inserted)
        presses = self.presses(max(10, int((seconds - WARM_UP_S - 2) / every_s)), every_s)
        load = self.load(rate, seconds)
        parts = self._stack.parts(self._chain.parts) | {"load generator": psutil.Process(load.pid)}
        with Watch(parts) as watch:
            lags = self._lags(rate, seconds, inserted_before)
            sent = load.answer()
            drained_s = self._drain(rows_before + 3 * sent["acknowledged"])
        shown = presses.answer()
        rows = self._count(self._chain.rows) - rows_before
        line = {
            "chain": self._chain.name,
            "what": "loaded",
            "messages/s": sent["sent"] / sent["seconds"],
            "rows/s": rows / sent["seconds"],
            "lost": 3 * sent["acknowledged"] - rows,
            "lag max": max(lags, default=0),
            "lag end": lags[-1] if lags else 0,
            "drained, s": drained_s,
            **latencies([shown]),
        }
        used = [
            {
                "chain": self._chain.name,
                "what": name,
                "CPU µs a message": usage.cpu_s / sent["sent"] * 1e6,
                "CPU, cores": usage.cpu_s / watch.seconds,
                "memory MB": usage.rss_mb,
            }
            for name, usage in watch.usage.items()
        ]
        # The load generator has ended by now; it tells itself what it used.
        used[-1]["CPU µs a message"] = sent["cpu_us_a_message"]
        used[-1]["CPU, cores"] = sent["cpu_us_a_message"] * sent["sent"] / sent["seconds"] / 1e6
        return line, used

    def limit(self, seconds: float) -> float:
        """The highest of STEPS that is sustained: sent as asked, acknowledged, and in the database at once.

        Each has two tries: a disk that stalls for a second is not a limit.
        """
        best = 0.0
        for rate in STEPS:
            reached = self._sustained(rate, seconds) or self._sustained(rate, seconds)
            if not reached:
                break
            best = reached
        return best

    def _sustained(self, rate: float, seconds: float) -> float:
        """Messages a second that were sent, or 0 where it was too much."""
        before = self._count(self._chain.rows)
        sent = self.load(rate, seconds).answer()
        reached = float(sent["sent"] / sent["seconds"])
        drained_s = self._drain(before + 3 * sent["acknowledged"], patience_s=60)
        self.say(f"  {rate:,} asked, {reached:,.0f}/s sent, drained after {drained_s:.1f} s")
        return reached if drained_s <= MAX_DRAIN_S and reached >= 0.97 * rate else 0.0

    def say(self, words: str) -> None:
        self._say(f"{self._chain.name}: {words}")

    def close(self) -> None:
        self._database.close()

    def _lags(self, rate: float, seconds: float, before: int) -> list[int]:
        """Messages sent and not yet in the database, once a second; what was sent is taken from the clock.

        PostgreSQL tells what was inserted up to a second late, so a second's worth of messages is no lag at all.
        """
        started = time.monotonic()
        lags = []
        while (passed := time.monotonic() - started) < seconds - 1:
            time.sleep(1.0)
            if passed > WARM_UP_S:
                written = (self._count(self._chain.inserted) - before) / 3
                lags.append(max(0, round(rate * (time.monotonic() - started) - written)))
        return lags

    def _drain(self, rows: int, patience_s: float = 120) -> float:
        """Seconds until there are so many rows; patience_s where they never are."""
        started = time.monotonic()
        while self._count(self._chain.rows) < rows:
            if time.monotonic() - started > patience_s:
                return patience_s
            time.sleep(0.1)
        return time.monotonic() - started

    def _count(self, query: str) -> int:
        found = self._database.execute(query.encode()).fetchone()
        assert found is not None
        return int(found[0] or 0)


@contextmanager
def running(name: str) -> Iterator[Runner]:
    """A chain on fresh servers, warm."""
    with Stack() as stack:
        (stack.directory / "load.json").write_text(json.dumps(stack.allow(LOAD_DEVICES)))
        runner = Runner(stack, CHAINS[name](stack), stack.say)
        try:
            runner.warm_up()
            yield runner
        finally:
            runner.close()


def measure(names: list[str], asked: argparse.Namespace) -> tuple[list[Row], list[Row]]:
    """(a line for each chain in each of the three, CPU and memory of each part beside the load)."""
    lines: list[Row] = []
    used: list[Row] = []
    pressed: dict[str, list[Row]] = {name: [] for name in names}
    for turn in range(asked.turns):
        for name in names:
            with running(name) as runner:
                runner.say(f"presses on an idle machine, turn {turn + 1} of {asked.turns}")
                pressed[name].append(runner.idle(asked.presses // asked.turns))
    for name in names:
        lines.append({"chain": name, "what": "idle", "messages/s": 0, **latencies(pressed[name])})
    for name in names:
        with running(name) as runner:
            runner.say(f"{asked.rate:,.0f} messages/s for {asked.seconds:.0f} s")
            line, parts = runner.loaded(asked.rate, asked.seconds, asked.press_every)
            lines.append(line)
            used += parts
    for name in names if asked.limit_seconds else []:
        with running(name) as runner:
            lines.append({"chain": name, "what": "limit", "messages/s": runner.limit(asked.limit_seconds)})
    return lines, used


def compared(bare: Row, ours: Row) -> Row:
    """How many times the bare chain's."""
    ratios = {column: ours[column] / bare[column] for column in COMPARED if bare.get(column)}
    return {"chain": f"{ours['chain']} / {bare['chain']}", "what": ours["what"], **ratios}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chain", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of load (the design's run: 300)")
    parser.add_argument("--rate", type=float, default=7000, help="messages a second")
    parser.add_argument("--presses", type=int, default=3000, help="on the idle machine, in all turns")
    parser.add_argument("--turns", type=int, default=3, help="of each chain on the idle machine")
    parser.add_argument("--press-every", type=float, default=0.1, help="seconds between presses beside the load")
    parser.add_argument("--limit-seconds", type=float, default=15, help="of each step of the search; 0: no search")
    parser.add_argument("--only", choices=("bare", "yian"), help="one of the two")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    lines, used = measure([asked.only] if asked.only else list(CHAINS), asked)
    if not asked.only:
        lines += [compared(bare, ours) for bare, ours in zip(lines[::2], lines[1::2], strict=True)]
    show("The chain, and its parts beside the load", lines + used, as_json=asked.json)


if __name__ == "__main__":
    run(main)
