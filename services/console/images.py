"""The whole queue as it stands, for consoles that begin: kept in memory from what the feed hears, so that a hall of
consoles that come back at once asks the database for nothing, and who sees the same gets the same bytes."""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from prometheus_client import Gauge

from services.accounts.model import Scope

PACK_FROM = 64 * 1024
"""Shorter ones are sent as they are."""
LEVEL = 1
"""Of gzip: a ninth of the size for a fifteenth of a second; more costs more than it saves."""
FOLLOWED = 300
"""A packed image serves until so many moves have come after it; they are sent behind it."""
SCOPES = 16
"""Packed images kept, of those who asked last."""

ACTIVE = Gauge("yian_feed_active_cases", "cases that are not closed, as this process shows them")


class Kept(NamedTuple):
    """One case as it was last told, and who may see it."""

    region_code: str | None
    elder_id: UUID | None
    case: bytes
    """JSON of a `CaseView`."""


@dataclass(frozen=True, slots=True)
class Image:
    """Every case of a scope that is not closed, up to this offset of the feed."""

    epoch: str
    offset: int
    cases: bytes
    """A JSON list of `CaseView`."""
    packed: bytes | None
    """The same by gzip, if it is long."""


class Images:
    def __init__(self) -> None:
        self._cases: dict[UUID, Kept] = {}
        self._made: OrderedDict[Scope, Image] = OrderedDict()
        self._making: dict[Scope, asyncio.Task[Image]] = {}

    def keep(self, case_id: UUID, kept: Kept, *, is_closed: bool) -> None:
        """The newest version of a case that is not closed. The caller sees to it that versions do not go back."""
        if is_closed:
            self._cases.pop(case_id, None)
        else:
            self._cases[case_id] = kept
        ACTIVE.set(len(self._cases))

    def forget(self) -> None:
        """Nothing that was told counts any more. Images that are being made are of an epoch that has ended."""
        self._cases.clear()
        self._made.clear()
        self._making.clear()
        ACTIVE.set(0)

    async def of(self, scope: Scope, now: Callable[[], tuple[str, int]]) -> Image:
        """A short one is made each time. Of a long one those who ask at once share one.

        :param now: epoch and offset of the feed
        """
        epoch, offset = now()
        made = self._made.get(scope)
        if made is not None and made.epoch == epoch and offset - made.offset <= FOLLOWED:
            self._made.move_to_end(scope)
            return made
        making = self._making.get(scope)
        if making is None or making.done():
            cases = self._seen_by(scope)
            if len(cases) < PACK_FROM:
                return Image(epoch, offset, cases, None)
            making = self._making[scope] = asyncio.create_task(self._pack(scope, Image(epoch, offset, cases, None)))
        return await asyncio.shield(making)

    def _seen_by(self, scope: Scope) -> bytes:
        covers = scope.covers
        kept = self._cases.values()
        return b"[%b]" % b",".join(
            [one.case for one in kept if covers(region_code=one.region_code, elder_id=one.elder_id)]
        )

    async def _pack(self, scope: Scope, image: Image) -> Image:
        packed = await asyncio.to_thread(gzip.compress, image.cases, LEVEL)
        image = self._made[scope] = replace(image, packed=packed)
        self._made.move_to_end(scope)
        while len(self._made) > SCOPES:
            self._made.popitem(last=False)
        return image
