"""`yian migrate`: the database's schema and the bus's topics, brought up to this release."""

from collections.abc import Callable

from backbone.connect import connect_bus
from contracts.topics import ALL
from services.db.migrate import migrate


async def bring_up_to_date(database: str, bus_address: str, say: Callable[[str], None]) -> list[str]:
    """Idempotent. Returns the labels of the migrations that were run."""
    applied = await migrate(database, on_applied=say)
    bus = connect_bus(bus_address, client="yian-migrate")
    try:
        await bus.create_topics(ALL)
    finally:
        await bus.close()
    return applied
