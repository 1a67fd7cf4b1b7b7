"""The SQL of accounts, sessions and attempts to sign in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.accounts.grants.store import ELDERS, elders_by_kind
from services.accounts.model import Account, Caller
from services.accounts.permissions import Role
from services.accounts.rules import Attempts
from services.db.pool import Connection

_ACCOUNT = """
    a.id, a.username, a.name, a.role, a.locale,
    ARRAY(SELECT region_code FROM account_regions r WHERE r.account_id = a.id ORDER BY 1) AS region_codes,
    (SELECT provider_id FROM account_providers p WHERE p.account_id = a.id) AS provider_id,
    (SELECT worker_id FROM account_workers w WHERE w.account_id = a.id) AS worker_id
"""


def _account(row: dict[str, Any]) -> Account:
    return Account(
        id=row["id"],
        username=row["username"],
        name=row["name"],
        role=Role(row["role"]),
        region_codes=tuple(row["region_codes"]),
        locale=row["locale"],
        provider_id=row["provider_id"],
        worker_id=row["worker_id"],
    )


@dataclass(frozen=True, slots=True)
class Listed:
    account: Account
    active: bool
    """Whether it may be used."""
    elders: int
    """For how many it has a confirmed grant."""


class AccountStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def by_session(self, token_hash: bytes, today: date) -> Caller | None:
        """With what a family may do today."""
        cursor = await self._tx.execute(
            f"SELECT s.id AS session_id, {_ACCOUNT}, CASE WHEN a.role = 'family' THEN {ELDERS} END AS granted"  # noqa: S608
            " FROM sessions s JOIN accounts a ON a.id = s.account_id"
            " WHERE s.token_hash = %(token)s AND s.expires_at > clock_timestamp() AND a.active",
            {"token": token_hash, "today": today},
        )
        row = await cursor.fetchone()
        if row is None:
            return None
        account = _account(row)
        elders = elders_by_kind(row["granted"]) if account.role is Role.FAMILY else {}
        return Caller(account=account, session_id=row["session_id"], elders_by_kind=elders)

    async def to_sign_in(self, username: str) -> tuple[Account, str] | None:
        """The account and its password hash."""
        cursor = await self._tx.execute(
            f"SELECT a.password_hash, {_ACCOUNT} FROM accounts a WHERE a.username = %s AND a.active",  # noqa: S608
            (username,),
        )
        row = await cursor.fetchone()
        return (_account(row), row["password_hash"]) if row else None

    async def all(self) -> list[Listed]:
        """By user name."""
        cursor = await self._tx.execute(
            "SELECT a.active, (SELECT count(DISTINCT g.elder_id) FROM grants g"  # noqa: S608
            f"  WHERE g.account_id = a.id AND g.state = 'confirmed') AS elders, {_ACCOUNT}"
            " FROM accounts a ORDER BY a.username"
        )
        return [Listed(_account(row), row["active"], row["elders"]) for row in await cursor.fetchall()]

    async def switch(self, account_id: UUID, *, active: bool) -> None:
        """Switching an account off also ends its sessions."""
        await self._tx.execute("UPDATE accounts SET active = %s WHERE id = %s", (active, account_id))
        if not active:
            await self._tx.execute("DELETE FROM sessions WHERE account_id = %s", (account_id,))

    async def id_of(self, username: str) -> UUID | None:
        cursor = await self._tx.execute("SELECT id FROM accounts WHERE username = %s", (username,))
        row = await cursor.fetchone()
        return row["id"] if row else None

    async def add(self, account: Account, password_hash: str) -> None:
        await self._tx.execute(
            "INSERT INTO accounts (id, username, name, role, password_hash, locale) VALUES (%s, %s, %s, %s, %s, %s)",
            (account.id, account.username, account.name, account.role, password_hash, account.locale),
        )
        await self.allow_regions(account.id, account.region_codes)
        if account.provider_id is not None:
            await self.link_provider(account.id, account.provider_id)
        if account.worker_id is not None:
            await self.link_worker(account.id, account.worker_id)

    async def set_password(self, account_id: UUID, password_hash: str) -> None:
        """Ends every session of the account."""
        await self._tx.execute("UPDATE accounts SET password_hash = %s WHERE id = %s", (password_hash, account_id))
        await self._tx.execute("DELETE FROM sessions WHERE account_id = %s", (account_id,))

    async def allow_regions(self, account_id: UUID, region_codes: Sequence[str]) -> None:
        await self._tx.execute(
            "INSERT INTO account_regions SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING",
            (account_id, list(region_codes)),
        )

    async def link_provider(self, account_id: UUID, provider_id: UUID) -> None:
        """:raises ForeignKeyViolation: when there is no such provider"""
        await self._tx.execute(
            "INSERT INTO account_providers (account_id, provider_id) VALUES (%s, %s)", (account_id, provider_id)
        )

    async def link_worker(self, account_id: UUID, worker_id: UUID) -> None:
        """:raises ForeignKeyViolation: there is no such worker :raises UniqueViolation: who has an account already"""
        await self._tx.execute(
            "INSERT INTO account_workers (account_id, worker_id) VALUES (%s, %s)", (account_id, worker_id)
        )

    async def open_session(self, session_id: UUID, token_hash: bytes, account_id: UUID, life: timedelta) -> None:
        """Those that are over go: of a whole shift at the same time. What another sign-in is about to delete is its
        business, so nobody waits for anybody."""
        await self._tx.execute(
            "DELETE FROM sessions WHERE id IN"
            " (SELECT id FROM sessions WHERE expires_at < clock_timestamp() FOR UPDATE SKIP LOCKED)"
        )
        await self._tx.execute(
            "INSERT INTO sessions (id, token_hash, account_id, expires_at) VALUES (%s, %s, %s, clock_timestamp() + %s)",
            (session_id, token_hash, account_id, life),
        )

    async def close_session_of(self, token_hash: bytes) -> None:
        await self._tx.execute("DELETE FROM sessions WHERE token_hash = %s", (token_hash,))

    async def close_session(self, session_id: UUID) -> None:
        await self._tx.execute("DELETE FROM sessions WHERE id = %s", (session_id,))

    async def lock_sign_in(self, username: str) -> datetime:
        """One attempt on a name at a time, until the transaction ends. Returns the database's clock."""
        cursor = await self._tx.execute(
            "SELECT clock_timestamp() AS now FROM pg_advisory_xact_lock(hashtextextended('sign-in ' || %s, 0))",
            (username,),
        )
        row = await cursor.fetchone()
        assert row is not None
        now: datetime = row["now"]
        return now

    async def attempts_on(self, username: str, browser: str | None, window: timedelta) -> Attempts:
        """Attempts from this browser; None: from all browsers that the account does not know."""
        return await self._attempts("username = %s AND browser IS NOT DISTINCT FROM %s", (username, browser), window)

    async def attempts_from(self, address: str, window: timedelta) -> Attempts:
        return await self._attempts("address = %s", (address,), window)

    async def _attempts(self, condition: str, values: tuple[str | None, ...], window: timedelta) -> Attempts:
        cursor = await self._tx.execute(
            f"SELECT count(*), max(at) FROM login_attempts WHERE {condition} AND at > clock_timestamp() - %s",  # noqa: S608
            (*values, window),
        )
        row = await cursor.fetchone()
        assert row is not None
        return Attempts(count=row["count"], last_at=row["max"])

    async def note_attempt(self, username: str, address: str, browser: str | None, keep: timedelta) -> None:
        await self._tx.execute(
            "DELETE FROM login_attempts WHERE id IN"
            " (SELECT id FROM login_attempts WHERE at < clock_timestamp() - %s FOR UPDATE SKIP LOCKED)",
            (keep,),
        )
        await self._tx.execute(
            "INSERT INTO login_attempts (username, address, browser) VALUES (%s, %s, %s)", (username, address, browser)
        )

    async def forget_attempts(self, username: str, browser: str | None) -> None:
        await self._tx.execute(
            "DELETE FROM login_attempts WHERE username = %s AND browser IS NOT DISTINCT FROM %s", (username, browser)
        )
