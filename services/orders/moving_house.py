"""An elder lives elsewhere in the county, or her address gets or loses its position: what is ordered goes there. The
caller owns the transaction, in which it is also written.

Whoever was told to come is told that they need not, and somebody is looked for anew: who lives near the one door may
not live near the other. What is under way stays where it is. Recurring orders make their next visits at her address.
"""

from dataclasses import replace
from datetime import date

from services.db.pool import Connection
from services.elders.life.model import AT_HOME, LifeMove, Said
from services.elders.moving import MovedHouse
from services.orders import calling_off, store_times
from services.orders.draft import NO_POSITION
from services.orders.handlers import write
from services.orders.model import Actor, Entry, Order, Visit
from services.orders.states import VisitMove, VisitState
from services.orders.store import OrderStore
from services.orders.withdrawing import NOT_BEGUN

ADDRESS_CHANGED = "address_changed"


async def follow(tx: Connection, moved: MovedHouse) -> None:
    """To another county it is as if that had been said of her life."""
    elder, before = moved.after, moved.before
    if elder.region_code[:6] != before.region_code[:6]:
        said = Said(
            elder=elder, region_before=before.region_code, move=LifeMove.RELOCATE, before=AT_HOME, after=AT_HOME,
            by=moved.by, now=moved.now,
        )  # fmt: skip
        await calling_off.follow(tx, said)
        return
    store = OrderStore(tx)
    await store.lock_elder(elder.id)
    by = Actor(id=moved.by.id, name=moved.by.name, role=moved.by.account.role)
    for order in await store.open_of(elder.id, date.min, None, to_move=True):
        there = replace(order, place=elder.location, region_code=elder.region_code)
        if order.state in NOT_BEGUN and there != order:
            await _readdress(tx, order, there, by, moved)


async def _readdress(tx: Connection, order: Order, there: Order, by: Actor, moved: MovedHouse) -> None:
    """One version; each worker hears of their own visit."""
    because = ADDRESS_CHANGED if there.place else NO_POSITION
    had = [visit for visit in order.visits if visit.state is not VisitState.WAITING]
    await store_times.release(tx, [visit.id for visit in had])
    after = there.having([_anew(visit, because) for visit in order.visits])
    one = had[0] if len(had) == 1 else None
    entry = Entry(
        move=VisitMove.RELEASE if had else VisitMove.WAIT, at=moved.now, by=by, reason=ADDRESS_CHANGED,
        visit_id=one.id if one else None, taken_from=one.worker if one else None,
    )  # fmt: skip
    await write(tx, after, entry)


def _anew(visit: Visit, because: str) -> Visit:
    if visit.state is VisitState.WAITING:
        return visit.after(VisitMove.WAIT, waits_because=because)
    return visit.given_back(VisitMove.RELEASE, because=because, ask_again=True)
