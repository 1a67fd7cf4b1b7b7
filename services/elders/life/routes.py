"""Where an elder's life stands: read it, say it, and see before saying it what that would end."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.accounts.conditions import IfMatch, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day
from services.db.pool import Connection, Database
from services.elders.life import handlers, rules
from services.elders.life.forms import FIRST_DAY, LAST_DAY, LifeForm
from services.elders.life.handlers import Follow
from services.elders.life.model import Consequences, Life, LifeMove
from services.elders.life.store import LifeStore
from services.elders.life.views import LifeTold, told_to
from services.elders.model import Elder
from services.elders.store import ElderStore
from services.elders.vault import Vault
from services.errors import NotFound

WouldFollow = Callable[[Connection, Elder, LifeMove, Life, datetime], Awaitable[Consequences]]
ADay = Annotated[date | None, Query(ge=FIRST_DAY, le=LAST_DAY)]


def life_routes(
    db: Database,
    guard: Guard,
    vault: Vault,
    now: Callable[[], datetime],
    *,
    follow: Follow,
    would_follow: WouldFollow,
) -> APIRouter:
    """:param follow: and `would_follow`: what the slices above plan for her ends or pauses, or would"""
    router = APIRouter(prefix="/elders", tags=["elders"])

    @router.get("/{elder_id}/life")
    async def get_life(
        elder_id: UUID, response: Response, caller: Caller = guard.allows(Permission.ELDERS_READ)
    ) -> LifeTold:
        """In hospital, away, moved, died, or at home; and what the caller may say."""
        async with db.transaction() as tx:
            elder = await _known(tx, elder_id, caller)
            store = LifeStore(tx)
            life, history = await store.get(elder_id), await store.history(elder_id)
        response.headers.update(etag(life.version))
        may = caller.may(Permission.ELDERS_LIFE) and caller.scope_of(Permission.ELDERS_LIFE).covers(
            region_code=elder.region_code, elder_id=elder_id
        )
        return told_to(life, history, caller.account.role, may=may, today=business_day(now()))

    @router.get("/{elder_id}/life/consequences")
    async def get_consequences(
        elder_id: UUID,
        *,
        move: LifeMove,
        from_day: ADay = None,
        until_day: ADay = None,
        caller: Caller = guard.allows(Permission.ELDERS_LIFE),
    ) -> Consequences:
        """What saying this would end or pause; nothing is changed."""
        today = business_day(now())
        async with db.transaction() as tx:
            elder = await _known(tx, elder_id, caller)
            life = await LifeStore(tx).get(elder_id)
            first = from_day or today
            after = life.after(move, from_day=first, until_day=until_day, now=now(), today=today)
            rules.check_days(move, first, until_day, today)
            return await would_follow(tx, elder, move, after, now())

    @router.post("/{elder_id}/life")
    async def say_life(
        elder_id: UUID,
        body: LifeForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.ELDERS_LIFE),
    ) -> LifeTold:
        """Everything planned for her ends, pauses or goes on with it, at once and without a fee. A family says
        `to_hospital`, `go_away` and `come_home`; a supervisor alone moves her to another county or corrects a death."""
        moment = now()
        async with db.transaction(actor=caller.id) as tx:
            _, life = await handlers.say(
                tx, vault, elder_id, body.saying(version_of(if_match)), follow=follow, by=caller, now=moment
            )
            history = await LifeStore(tx).history(elder_id)
        response.headers.update(etag(life.version))
        return told_to(life, history, caller.account.role, may=True, today=business_day(moment))

    return router


async def _known(tx: Connection, elder_id: UUID, caller: Caller) -> Elder:
    """:raises NotFound:"""
    elder = await ElderStore(tx, None).get(elder_id, caller.scope)
    if elder is None:
        raise NotFound
    return elder
