"""An elder never wants a worker again, or does after all. The caller owns the transaction.

Her open visits with this worker wait for somebody else; whoever is with her now finishes. What is being assigned at the
same moment has its order's row: it is seen here, or refused there.
"""

from datetime import date, datetime
from uuid import UUID

from services.accounts.model import Caller, Scope
from services.accounts.permissions import Role
from services.db.pool import Connection
from services.elders.store import ElderStore
from services.errors import NotFound
from services.orders import assigning
from services.orders.model import Actor
from services.orders.refusing import store
from services.orders.refusing.store import RefusedWorker
from services.orders.states import VisitMove
from services.orders.store import OrderStore
from services.providers.workers.store import WorkerStore

BECAUSE = "elder_refused"
_EVERYWHERE = Scope(("",))


async def refuse(tx: Connection, elder_id: UUID, worker_id: UUID, *, by: Caller, now: datetime) -> None:
    """:raises NotFound: of the elder, or of the worker: a family knows those who have come"""
    await _check_elder(tx, elder_id, by)
    scope = _EVERYWHERE if by.account.role is Role.FAMILY else by.scope
    known = await WorkerStore(tx).get(worker_id, scope) is not None
    if not known or (scope is _EVERYWHERE and not await store.has_been_there(tx, elder_id, worker_id)):
        raise NotFound
    await store.add(tx, elder_id, worker_id, by=by.id)
    orders = await OrderStore(tx).open_of(elder_id, date.min, None, to_move=True)
    had = [visit.id for order in orders for visit in order.visits if visit.worker and visit.worker.id == worker_id]
    actor = Actor(id=by.id, name=by.name, role=by.account.role)
    await assigning.give_back(
        tx, had, VisitMove.RELEASE, of=worker_id, because=BECAUSE, ask_again=True, by=actor, now=now
    )


async def allow(tx: Connection, elder_id: UUID, worker_id: UUID, *, by: Caller) -> None:
    """From now on they may be asked again; nothing happens if they may already. :raises NotFound: of the elder"""
    await _check_elder(tx, elder_id, by)
    await store.remove(tx, elder_id, worker_id)


async def listed(tx: Connection, elder_id: UUID, *, by: Caller) -> list[RefusedWorker]:
    """:raises NotFound:"""
    await _check_elder(tx, elder_id, by)
    return await store.listed(tx, elder_id)


async def _check_elder(tx: Connection, elder_id: UUID, by: Caller) -> None:
    if await ElderStore(tx, None).get(elder_id, by.scope) is None:
        raise NotFound
