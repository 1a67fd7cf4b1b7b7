"""Something is said of an elder's life. The caller owns the transaction: with it everything follows, or nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.accounts.model import Caller
from services.business_day import business_day
from services.db import outbox
from services.db.pool import Connection
from services.elders import handlers as elders
from services.elders.life import rules
from services.elders.life.model import Consequences, Life, LifeMove, Said
from services.elders.life.store import LifeStore
from services.elders.life.telling import told
from services.elders.model import Elder
from services.elders.rules import NotYourRegion
from services.elders.store import ElderStore
from services.elders.store_regions import RegionStore
from services.elders.vault import Vault
from services.errors import check_version

Follow = Callable[[Connection, Said], Awaitable[Consequences]]
"""Ends and pauses, in the same transaction, what other slices have planned for her."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeSaying:
    """What somebody says."""

    move: LifeMove
    from_day: date | None = None
    """None: today."""
    until_day: date | None = None
    reason: str = ""
    address: dict[str, Any] | None = None
    """Fields of `Elder`, of moving house."""
    version: int | None = None
    """As it was read."""


async def say(
    tx: Connection, vault: Vault, elder_id: UUID, saying: LifeSaying, *, follow: Follow, by: Caller, now: datetime
) -> tuple[Elder, Life]:
    """:raises NotFound: :raises NotYoursToSay: :raises LifeReasonNeeded: :raises StaleVersion: :raises IllegalMove:
    :raises BadDays: :raises AddressNeeded: :raises TooLateToCorrect: :raises NotYourRegion:"""
    before_her = await elders.to_edit(tx, vault, elder_id, version=None, scope=by.scope)
    move, today = saying.move, business_day(now)
    rules.check_may(move, by.account.role, saying.reason)
    before = await LifeStore(tx).get(elder_id)
    check_version(before.version, saying.version)
    from_day = saying.from_day or today
    after = before.after(move, from_day=from_day, until_day=saying.until_day, now=now, today=today)
    rules.check_days(move, from_day, saying.until_day, today)
    rules.check_correctable(move, before.said_at, now)
    elder = await _moved_house(tx, vault, before_her, saying)
    store = LifeStore(tx)
    await store.save(elder_id, after)
    await store.note_move(elder_id, move, after, region_code=elder.region_code, reason=saying.reason, by=by.id)
    said = Said(
        elder=elder, region_before=before_her.region_code, move=move, before=before, after=after, by=by, now=now
    )
    consequences = await follow(tx, said)
    await outbox.append(tx, [told(said, consequences)])
    return elder, after


async def _moved_house(tx: Connection, vault: Vault, elder: Elder, saying: LifeSaying) -> Elder:
    """Also to a county that is not the caller's: whoever lets her go cannot be asked to see where she arrives."""
    address = saying.address or {}
    rules.check_address(saying.move, address)
    if not address:
        return elder
    if not await RegionStore(tx).names([address["region_code"]]):
        raise NotYourRegion(address["region_code"])
    moved = replace(elder, **({"location": None, "door_note": ""} | address))
    await ElderStore(tx, vault).change(moved, None)
    return moved
