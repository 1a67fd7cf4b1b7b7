"""The bus: reachable, and with its topics."""

import asyncio

from backbone.bus import Bus, BusUnavailable, UnknownTopic
from backbone.connect import connect_bus
from contracts.topics import ALL, Topic
from yian.doctor.finding import Findings, well, wrong
from yian.surroundings import Surroundings

_PATIENCE_S = 10.0


async def examine(around: Surroundings) -> Findings:
    found = Findings("Bus")
    address = around.get("YIAN_BUS")
    if address is None:
        found.add(wrong("YIAN_BUS is not set", "set it to kafka://host:9092 or postgresql://…, or: make up"))
        return found
    kind = "Kafka" if address.startswith("kafka") else "the log in PostgreSQL"
    with found.must("YIAN_BUS", "kafka://host:9092[,host:9092] or postgresql://…", ValueError):
        bus = connect_bus(address, client="yian-doctor")
        try:
            await _examine(found, bus, kind)
        finally:
            await bus.close()
    return found


async def _examine(found: Findings, bus: Bus, kind: str) -> None:
    mend = "is it running, and is YIAN_BUS right?"
    with found.must(f"{kind} does not answer", mend, BusUnavailable, TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            await bus.ping()
        found.add(well(f"{kind} answers"))
        missing = [topic.name for topic in ALL if not await _is_there(bus, topic)]
        if missing:
            found.add(wrong(f"topics are missing: {', '.join(missing)}", "yian migrate"))
        else:
            found.add(well(f"its {len(ALL)} topics are there"))


async def _is_there(bus: Bus, topic: Topic) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            subscription = await bus.subscribe([topic], group=None)
    except UnknownTopic:
        return False
    await subscription.close()
    return True
