"""What can happen to a grant. The caller of a handler owns the transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID, uuid4

from services.accounts.grants import rules
from services.accounts.grants.model import Described, Grant, GrantKind, GrantMove, GrantSeen, GrantState, How, in_order
from services.accounts.grants.store import GrantStore
from services.accounts.model import Caller
from services.accounts.permissions import Role
from services.accounts.store_requests import Filed, made_before
from services.business_day import business_day
from services.db.pool import Connection
from services.errors import NotFound

FindElder = Callable[[Connection, Described], Awaitable[UUID | None]]
"""Finds on the register, whoever asks: what it finds is not told to the asker."""

MOST_SHOWN = 200


async def ask(
    tx: Connection,
    described: Described,
    *,
    relation: str,
    kinds: Sequence[GrantKind],
    find: FindElder,
    by: Caller,
    filed: Filed,
    now: datetime,
) -> UUID:
    """Returns the grant's id: that of the first time, when this very request has been filed before. The same happens
    whether or not there is such an elder. :raises TooManyAsked: :raises KeyReused:"""
    grant_id = uuid4()
    if before := await made_before(tx, filed, grant_id):
        return before
    store = GrantStore(tx)
    rules.check_pace(*await store.lock_asker(by.id, now - rules.A_DAY), now)
    grant = Grant(
        id=grant_id,
        account_id=by.id,
        elder_id=await find(tx, described),
        elder_name=described.name,
        relation=relation,
        region_code=described.region_code,
        kinds=in_order(kinds),
    )
    await store.add(grant)
    await store.note_move(grant.id, GrantMove.ASK, grant.state, by=by.id)
    return grant.id


async def confirm(
    tx: Connection,
    grant_id: UUID,
    *,
    kinds: Sequence[GrantKind],
    until: date | None,
    how: How,
    note: str,
    by: Caller,
    now: datetime,
) -> None:
    """:raises NotFound: :raises IllegalMove: :raises OwnGrant: :raises NobodyFits: :raises MoreThanAsked:
    :raises OverAlready: :raises OnlyOfficials: :raises NoteNeeded:"""
    store = GrantStore(tx)
    grant = await _to_decide(store, grant_id, by)
    after = grant.after(GrantMove.CONFIRM)
    if grant.elder_id is None:
        raise rules.NobodyFits
    rules.check_kinds(kinds, grant.kinds)
    rules.check_until(until, business_day(now))
    if how is How.DOCUMENT:
        rules.check_document(note, by_official=by.account.role is Role.REGULATOR)
    await store.save(replace(after, kinds=in_order(kinds), until=until))
    await store.note_move(grant_id, GrantMove.CONFIRM, after.state, by=by.id, how=how, note=note)


async def refuse(tx: Connection, grant_id: UUID, *, note: str, by: Caller) -> None:
    """:raises NotFound: :raises IllegalMove: :raises OwnGrant: :raises NoteNeeded:"""
    store = GrantStore(tx)
    grant = await _to_decide(store, grant_id, by)
    rules.check_note(note)
    await _move(store, grant, GrantMove.REFUSE, note=note, by=by)


async def give_up(tx: Connection, grant_id: UUID, *, note: str, by: Caller) -> None:
    """Its holder withdraws what waits and gives back what was confirmed; whoever answers for the elder revokes it, and
    says why. :raises NotFound: :raises IllegalMove: :raises NoteNeeded:"""
    store = GrantStore(tx)
    grant = await _known(store, grant_id, by)
    own = grant.account_id == by.id
    if not own:
        rules.check_note(note)
    move = GrantMove.WITHDRAW if own and grant.state is GrantState.ASKED else GrantMove.REVOKE
    await _move(store, grant, move, note=note, by=by)


async def give(tx: Connection, account_id: UUID, elder_ids: Sequence[UUID]) -> None:
    """With the account, as whoever makes it says: every kind, until revoked. An elder for whom the account has had a
    grant before is left as it is: what was revoked stays so. :raises UnknownElder:"""
    store = GrantStore(tx)
    if not await store.known(elder_ids):
        raise rules.UnknownElder
    for grant_id in await store.give(account_id, elder_ids):
        await store.note_move(grant_id, GrantMove.CONFIRM, GrantState.CONFIRMED, by=None, how=How.ON_FILE)


async def end_expired(tx: Connection, today: date, *, at_most: int) -> int:
    """Returns how many. They hold no longer in any case: this only writes it down."""
    store = GrantStore(tx)
    expired = await store.lock_expired(today, at_most=at_most)
    for grant in expired:
        await _move(store, grant, GrantMove.END, note="", by=None)
    return len(expired)


async def for_elder(tx: Connection, elder_id: UUID, *, by: Caller, now: datetime) -> list[GrantSeen]:
    """Who may do what for her. A family sees what holds today; whoever answers for her also what was asked, refused and
    ended. :raises NotFound:"""
    store = GrantStore(tx)
    if not await store.knows_elder(elder_id, by.scope):
        raise NotFound
    today = business_day(now) if by.account.role is Role.FAMILY else None
    return await store.for_elder(elder_id, holding_on=today, limit=MOST_SHOWN)


async def _known(store: GrantStore, grant_id: UUID, by: Caller) -> Grant:
    grant = await store.to_move(grant_id, by)
    if grant is None:
        raise NotFound
    return grant


async def _to_decide(store: GrantStore, grant_id: UUID, by: Caller) -> Grant:
    grant = await _known(store, grant_id, by)
    if grant.account_id == by.id:
        raise rules.OwnGrant
    return grant


async def _move(store: GrantStore, grant: Grant, move: GrantMove, *, note: str, by: Caller | None) -> None:
    after = grant.after(move)
    await store.save(after)
    await store.note_move(grant.id, move, after.state, by=by.id if by else None, note=note)
