"""Whether what stands in the tables is what the facts say; nothing is changed but counts that were due anyway."""

from dataclasses import dataclass, field
from datetime import date

from services.db.pool import Connection
from services.metrics import store_facts, store_months, store_recount
from services.metrics.handlers import count_due
from services.metrics.kpis import DEFINITIONS
from services.metrics.reach import store as store_reach
from services.metrics.store_facts import Broken
from services.metrics.store_months import ClosedMonth
from services.metrics.store_recount import Difference

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recounted:
    differences: list[Difference] = field(default_factory=list)
    closed: ClosedMonth | None = None
    digest_holds: bool = True
    """Of a closed month: what is published has the digest that was written when it was closed."""

    @property
    def agrees(self) -> bool:
        return not self.differences and self.digest_holds


async def recount_month(tx: Connection, month: date) -> Recounted:
    await store_months.hold(tx)
    while await count_due(tx, at_most=AT_ONCE):
        pass
    differences = await store_recount.recount(tx, month, DEFINITIONS)
    for closed in await store_months.closed(tx, [month]):
        digest = await store_months.digest_of(tx, month, await store_facts.digest_at(tx, closed.facts))
        return Recounted(differences=differences, closed=closed, digest_holds=digest.hex() == closed.digest)
    return Recounted(differences=differences)


async def broken_facts(tx: Connection) -> list[Broken]:
    """Where the chain of facts does not hold, the first first."""
    broken = [one async for one in store_facts.verify(tx)]
    for batch, hour in await store_reach.not_as_listed(tx):
        broken.append(Broken(batch, f"who was on duty at {hour:%Y-%m-%dT%H:%MZ} is not who was listed then"))
    return sorted(broken, key=lambda one: one.batch)
