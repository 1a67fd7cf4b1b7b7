"""What happens to notices because time has passed."""

import asyncio

import structlog

from services.db.pool import Database, DatabaseUnreachable
from services.notify.store import NoticeStore

LOOK_EVERY_SECONDS = 1.0
PURGE_EVERY_SECONDS = 3600.0
AT_ONCE = 500
PURGED_AT_ONCE = 5000

log = structlog.get_logger("notices")


class HeldNotices:
    """Tells what was held and is still true. Several workers may run one each: they skip each other's rows."""

    def __init__(self, db: Database, *, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        self._db = db
        self._every = every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.tell_due()
            except DatabaseUnreachable:
                log.warning("held_notices_wait")

    async def tell_due(self) -> int:
        """Returns how many were told."""
        told = 0
        while True:
            async with self._db.transaction() as tx:
                slice_told = await NoticeStore(tx).tell_due(at_most=AT_ONCE)
            told += slice_told
            if slice_told < AT_ONCE:
                return told


class NoticePurge:
    """Deletes what is kept only for a while; for how long stands in `notice_terms`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.once()
            except DatabaseUnreachable:
                log.warning("notice_purge_waits")
            await asyncio.sleep(PURGE_EVERY_SECONDS)

    async def once(self) -> None:
        for purge in (NoticeStore.purge, NoticeStore.purge_orders):
            slice_full = True
            while slice_full:
                async with self._db.transaction() as tx:
                    store = NoticeStore(tx)
                    gone = await purge(store, await store.terms(), at_most=PURGED_AT_ONCE)
                slice_full = gone >= PURGED_AT_ONCE
