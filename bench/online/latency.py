"""How long a choice of responders takes."""

import gc
import random
import time
from collections.abc import Callable

from bench.online.days import DATE, scattered_place
from bench.tables import percentile
from dispatch.emergency import choose_responders
from dispatch.model import Certificate, Interval, TravelMode
from dispatch.responders import Emergency, Responder
from dispatch.travel import GreatCircleTravel

RESPONDERS = 500
WARM_UP = 5
NOW_MIN = 600.0


def latencies(seed: int, say: Callable[[str], None]) -> list[dict[str, object]]:
    travel = GreatCircleTravel()
    say(f"latency: {RESPONDERS} responders …")
    responders = _responders(seed)
    chance = random.Random(seed)

    def emergencies(count: int) -> list[Emergency]:
        return [Emergency(id=f"x{i}", place=scattered_place(chance, f"x{i}")) for i in range(count)]

    def choose(count: int) -> Callable[[], object]:
        open_now = emergencies(count)
        return lambda: choose_responders(open_now, responders, date=DATE, now_min=NOW_MIN, travel=travel)

    return [
        _row(f"one emergency, {RESPONDERS} responders", [choose(1) for _ in range(200)], 20.0),
        _row(f"20 emergencies at once, {RESPONDERS} responders", [choose(20) for _ in range(100)], 100.0),
    ]


def _row(what: str, calls: list[Callable[[], object]], to_reach_ms: float) -> dict[str, object]:
    for call in calls[:WARM_UP]:
        call()
    gc.collect()
    gc.freeze()  # as a server does once it has started: what is loaded for good is not looked through again
    took = []
    for call in calls:
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000.0)
    return {
        "what": what,
        "calls": len(took),
        "p50_ms": round(percentile(took, 0.5), 1),
        "p99_ms": round(percentile(took, 0.99), 1),
        "to_reach_p99_ms": to_reach_ms,
    }


def _responders(seed: int) -> list[Responder]:
    chance = random.Random(seed)
    first_aid = Certificate(skill="first_aid", valid_from=DATE, valid_until=DATE)
    return [
        Responder(
            id=f"r{i:03d}",
            duty=(Interval(480.0, 1080.0),) if chance.random() < 0.8 else (),
            certificates=(first_aid,) if chance.random() < 0.6 else (),
            mode=chance.choice(list(TravelMode)),
            station=scattered_place(chance, f"r{i}/station"),
            position=scattered_place(chance, f"r{i}/position"),
            position_at_min=NOW_MIN - chance.uniform(0.0, 45.0),
            last_call_ended_min=NOW_MIN - chance.uniform(0.0, 120.0),
        )
        for i in range(RESPONDERS)
    ]
