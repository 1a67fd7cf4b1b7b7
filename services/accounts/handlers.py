"""Signing in and out; making accounts. The caller of a handler owns the transaction, except where it says otherwise."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from psycopg.errors import ForeignKeyViolation, UniqueViolation

from services.accounts import audit, rules
from services.accounts.grants import handlers as grants
from services.accounts.grants.rules import UnknownElder
from services.accounts.model import Account, Caller
from services.accounts.passwords import Passwords
from services.accounts.permissions import Role
from services.accounts.store import AccountStore, Listed
from services.db.pool import Connection, Database


@dataclass(frozen=True, slots=True)
class SignedIn:
    caller: Caller
    token: str
    """Goes into the cookie and is stored nowhere else."""


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """From where somebody tries to sign in."""

    address: str
    browser: str | None = None
    """The browser's id, if an account knows this browser (`known_browsers`)."""
    old_token: str | None = None
    """Token of the session that this browser has now, whoever's it is. Signing in ends that session and never continues
    it."""


async def sign_in(db: Database, passwords: Passwords, username: str, password: str, visitor: Visitor) -> SignedIn:
    """Two transactions, none held while the password is hashed. The attempt is written down before it is judged, so
    that many tries at once are counted as well.

    :param username: as `rules.username_of` has it
    :raises Throttled: :raises BadCredentials:
    """
    async with db.transaction() as tx:
        found = await _admit(AccountStore(tx), username, visitor)
    account, password_hash = found or (None, None)
    fits = await passwords.fits(password, password_hash)
    async with db.transaction(actor=account.id if account else None) as tx:
        if account is None or not fits:
            known = str(account.id) if account else ""
            await audit.record(tx, actor_id=None, action="session.refused", subject_type="accounts", subject_id=known)
        else:
            return await _open_session(tx, account, visitor)
    raise rules.BadCredentials


async def _admit(store: AccountStore, username: str, visitor: Visitor) -> tuple[Account, str] | None:
    """The account, if there is one, and its password hash. A known browser's tries are counted by themselves: what
    others try, under this name or from this address, does not keep it out. :raises Throttled:"""
    window = rules.ATTEMPT_WINDOW
    now = await store.lock_sign_in(username)
    if visitor.browser is None:
        (await store.attempts_from(visitor.address, window)).refuse_if_too_many(rules.PER_ADDRESS, now)
    (await store.attempts_on(username, visitor.browser, window)).refuse_if_too_many(rules.PER_USERNAME, now)
    await store.note_attempt(username, visitor.address, visitor.browser, window)
    return await store.to_sign_in(username)


async def _open_session(tx: Connection, account: Account, visitor: Visitor) -> SignedIn:
    store = AccountStore(tx)
    token, session_id = secrets.token_urlsafe(32), uuid4()
    await store.forget_attempts(account.username, visitor.browser)
    if visitor.old_token:
        await store.close_session_of(token_hash(visitor.old_token))
    await store.open_session(session_id, token_hash(token), account.id, rules.SESSION_LIFE)
    subject = str(account.id)
    await audit.record(tx, actor_id=account.id, action="session.opened", subject_type="accounts", subject_id=subject)
    return SignedIn(Caller(account=account, session_id=session_id), token)


async def sign_out(tx: Connection, caller: Caller) -> None:
    await AccountStore(tx).close_session(caller.session_id)
    subject = str(caller.id)
    await audit.record(tx, actor_id=caller.id, action="session.closed", subject_type="accounts", subject_id=subject)


async def create_account(
    tx: Connection,
    passwords: Passwords,
    *,
    username: str,
    name: str,
    role: Role,
    region_codes: Sequence[str] = (),
    elder_ids: Sequence[UUID] = (),
    provider_id: UUID | None = None,
    worker_id: UUID | None = None,
    locale: str = "zh-CN",
    password: str | None = None,
) -> tuple[Account, str]:
    """Returns the account and its password, random unless given: it can be shown now and never again.

    :param elder_ids: for whom a family may do everything, from now on

    :raises BadAccount: for a name or password that will not do, or a name that is taken.
    """
    username = rules.username_of(username)
    password = password or rules.random_password()
    rules.check_new_account(username, password)
    rules.check_place(role, region_codes, provider_id, worker_id)
    store = AccountStore(tx)
    if await store.id_of(username) is not None:
        raise rules.BadAccount(f"username {username} is taken")
    account = Account(
        id=uuid4(),
        username=username,
        name=name,
        role=role,
        region_codes=tuple(region_codes),
        locale=locale,
        provider_id=provider_id,
        worker_id=worker_id,
    )
    try:
        await store.add(account, await passwords.hash(password))
    except ForeignKeyViolation:
        raise rules.BadAccount("there is no such provider or worker") from None
    except UniqueViolation:
        raise rules.BadAccount("this worker has an account already, or the username is taken") from None
    await _give(tx, account, elder_ids)
    return account, password


async def _give(tx: Connection, account: Account, elder_ids: Sequence[UUID]) -> None:
    """:raises BadAccount:"""
    if elder_ids and account.role is not Role.FAMILY:
        raise rules.BadAccount("only an account of role family has elders")
    try:
        await grants.give(tx, account.id, elder_ids)
    except UnknownElder:
        raise rules.BadAccount("there is no such elder") from None


async def ensure_account(
    tx: Connection,
    passwords: Passwords,
    *,
    username: str,
    name: str,
    role: Role,
    region_codes: Sequence[str] = (),
    elder_ids: Sequence[UUID] = (),
    provider_id: UUID | None = None,
    worker_id: UUID | None = None,
    password: str | None = None,
) -> str:
    """Makes the account. If it exists, makes sure that it has this password (a new one if None)."""
    store = AccountStore(tx)
    known = await store.to_sign_in(username)
    if known is None:
        _, password = await create_account(
            tx,
            passwords,
            username=username,
            name=name,
            role=role,
            region_codes=region_codes,
            elder_ids=elder_ids,
            provider_id=provider_id,
            worker_id=worker_id,
            password=password,
        )
        return password
    account, password_hash = known
    if password is None or not await passwords.fits(password, password_hash):
        password = password or rules.random_password()
        await store.set_password(account.id, await passwords.hash(password))
    await _give(tx, account, elder_ids)
    return password


async def reset_password(tx: Connection, passwords: Passwords, username: str) -> str:
    """A new random password; every session of the account ends. :raises BadAccount: when there is no such account."""
    password = rules.random_password()
    account_id = await _known(tx, username)
    await AccountStore(tx).set_password(account_id, await passwords.hash(password))
    return password


async def switch_account(tx: Connection, username: str, *, active: bool) -> None:
    """An account is never deleted: cases and the audit name it. :raises BadAccount: when there is no such account."""
    await AccountStore(tx).switch(await _known(tx, username), active=active)


async def list_accounts(tx: Connection) -> list[Listed]:
    """By user name."""
    return await AccountStore(tx).all()


async def _known(tx: Connection, username: str) -> UUID:
    account_id = await AccountStore(tx).id_of(rules.username_of(username))
    if account_id is None:
        raise rules.BadAccount(f"there is no account {username}")
    return account_id
