"""Steps of escalation plans whose time has come. Timers are rows with times of the database's clock, so they outlive
any process, and no clock of a process decides."""

import asyncio
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge
from psycopg import InterfaceError, OperationalError

from services.db.pool import Database, DatabaseUnreachable
from services.response.handlers import Around, NotTaken, take_due
from services.response.store_runs import RunStore

LONGEST_SECONDS = 1.0
"""It is looked at least so often: another process may have written a timer."""
SHORTEST_SECONDS = 0.25
"""Steps due within so long are taken together: a transaction for each costs four times as much in a storm."""
AGAIN_SECONDS = 0.5
"""Where the database did not answer, or somebody else has what is due."""
MOST_AT_ONCE = 200
"""Cases in one transaction."""
ASIDE_SECONDS = 60.0
"""A case at which a step fails is tried again after so long: it must not hold up the others."""

CASES = Counter("yian_response_cases_due", "cases of which a step of the escalation plan was due")
FAILED = Counter("yian_response_failures", "cases of which a due step could not be taken, and is tried again")
LATE = Gauge("yian_response_late_seconds", "how long the oldest step that is due has waited; 0: none is due")

log = structlog.get_logger("response")


class ResponseTimer:
    """Several workers may run one each: a case that one has locked is skipped by the others."""

    def __init__(self, db: Database, around: Around) -> None:
        self._db = db
        self._around = around
        self._aside: dict[UUID, float] = {}
        """Cases that failed, and until when they are left."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                wait = await self.look()
            except DatabaseUnreachable:
                log.warning("escalations_wait")
                wait = AGAIN_SECONDS
            await asyncio.sleep(wait)

    async def look(self) -> float:
        """Takes what is due; returns in how many seconds to look again."""
        while (cases := await self.take()) == MOST_AT_ONCE:
            pass
        async with self._db.reading() as tx:
            wait = await RunStore(tx).seconds_to_next()
        LATE.set(max(0.0, -wait) if wait is not None else 0.0)
        if wait is None:
            return LONGEST_SECONDS
        if wait <= 0 and not cases:
            return AGAIN_SECONDS
        return min(max(wait, SHORTEST_SECONDS), LONGEST_SECONDS)

    async def take(self) -> int:
        """One slice; returns of how many cases. Where one case fails, the others are taken without it."""
        try:
            return await self._take(MOST_AT_ONCE)
        except NotTaken as batch:
            _raise_if_away(batch)
            taken = 0
            for _ in batch.case_ids:
                try:
                    taken += await self._take(1)
                except NotTaken as one:
                    _raise_if_away(one)
                    self._leave(one)
            return taken

    async def _take(self, at_most: int) -> int:
        now = asyncio.get_running_loop().time()
        self._aside = {case_id: until for case_id, until in self._aside.items() if until > now}
        async with self._db.transaction() as tx:
            cases = await take_due(tx, self._around, at_most=at_most, without=self._aside)
        CASES.inc(cases)
        return cases

    def _leave(self, one: NotTaken) -> None:
        log.error("escalation_failed", cases=[str(case_id) for case_id in one.case_ids], error=repr(one.__cause__))
        FAILED.inc(len(one.case_ids))
        until = asyncio.get_running_loop().time() + ASIDE_SECONDS
        self._aside |= dict.fromkeys(one.case_ids, until)


def _raise_if_away(error: NotTaken) -> None:
    """The fault is in no case. :raises DatabaseUnreachable:"""
    if isinstance(error.__cause__, OperationalError | InterfaceError):
        raise DatabaseUnreachable(type(error.__cause__).__name__) from error
