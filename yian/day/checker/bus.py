"""What the bus has said of orders, read from the beginning and held against the database."""

import json
from collections import Counter
from collections.abc import Mapping
from uuid import uuid4

from backbone.connect import connect_bus
from contracts.topics import ORDER

QUIET = 3
"""Empty looks in a row after which nothing more comes."""

Versions = Mapping[str, Counter[int]]
"""Order → version → how often it was said."""


async def versions_said(bus_address: str) -> dict[str, Counter[int]]:
    bus = connect_bus(bus_address, client="yian-day-checker")
    said: dict[str, Counter[int]] = {}
    try:
        records = await bus.subscribe([ORDER], group=f"day-checker-{uuid4().hex}")
        quiet = 0
        while quiet < QUIET:
            found = await records.fetch(wait_seconds=0.5)
            quiet = 0 if found else quiet + 1
            for record in found:
                order = json.loads(record.value)["order"]
                said.setdefault(order["id"], Counter())[order["version"]] += 1
        await records.close()
    finally:
        await bus.close()
    return said


def unsaid(said: Versions, versions: Mapping[str, int]) -> list[tuple[str, str]]:
    """Orders of which the bus lacks a version, or knows one that the database does not.

    :param versions: the last of each order
    """
    broken = []
    for order_id in sorted({*said, *versions}):
        expected = set(range(1, versions.get(order_id, 0) + 1))
        found = set(said.get(order_id, ()))
        if missing := sorted(expected - found):
            broken.append((order_id, f"versions {missing} were never said"))
        if unknown := sorted(found - expected):
            broken.append((order_id, f"versions {unknown} were said and are not kept"))
    return broken


def repeated(said: Versions) -> int:
    """Records that came again after the first: allowed, since who reads keeps the highest."""
    return sum(count - 1 for versions in said.values() for count in versions.values())
