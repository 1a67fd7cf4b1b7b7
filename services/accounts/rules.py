"""Signing in: how long to wait after failures, what a password and a user name may be. Pure."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.accounts.permissions import Role
from services.errors import DomainError

ATTEMPT_WINDOW = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)
"""The length of a shift; after it one signs in again."""

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
MIN_PASSWORD_LENGTH = 10


class NotSignedIn(DomainError):
    code = "accounts.not_signed_in"
    status = 401
    title = "Nobody is signed in, or the session is over"


class BadCredentials(DomainError):
    code = "accounts.bad_credentials"
    status = 401
    title = "User name or password is wrong"


class Forbidden(DomainError):
    code = "accounts.forbidden"
    status = 403
    title = "This account may not do that"


class ForgedRequest(DomainError):
    code = "accounts.csrf"
    status = 403
    title = "The request lacks this session's token: send the cookie yian_csrf in the header X-CSRF-Token"


class Throttled(DomainError):
    code = "accounts.throttled"
    status = 429
    title = "Too many failed attempts; wait before the next"

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.members["retry_after_seconds"])}


class BadAccount(DomainError):
    code = "accounts.bad_account"
    status = 422
    title = "An account cannot be made like this"


@dataclass(frozen=True, slots=True)
class Patience:
    """From `free` failures on, each further one doubles the wait, up to `longest`."""

    free: int
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        over = failures - self.free
        return timedelta() if over < 0 else min(timedelta(seconds=2 ** min(over, 20)), self.longest)


PER_USERNAME = Patience(free=5, longest=timedelta(minutes=5))
"""Counted for all unknown browsers of an account together, and for each known browser separately."""
PER_ADDRESS = Patience(free=30, longest=timedelta(minutes=1))
"""For unknown browsers at one address. A call centre shares one address, so it gets more attempts and never waits long
for a colleague's errors."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts within the window that have not succeeded."""

    count: int
    last_at: datetime | None

    def refuse_if_too_many(self, patience: Patience, now: datetime) -> None:
        """:raises Throttled:"""
        if self.last_at is None:
            return
        left = self.last_at + patience.wait(self.count) - now
        if left > timedelta():
            raise Throttled(retry_after_seconds=int(left.total_seconds()) + 1)


def username_of(typed: str) -> str:
    """As it is stored and compared."""
    return typed.strip().lower()


def check_new_account(username: str, password: str) -> None:
    """:raises BadAccount:"""
    if not _USERNAME.fullmatch(username):
        raise BadAccount("username: 2 to 32 of a-z 0-9 . _ -, the first a letter or digit")
    if len(password) < MIN_PASSWORD_LENGTH:
        raise BadAccount(f"password: at least {MIN_PASSWORD_LENGTH} characters")


def check_place(
    role: Role, region_codes: Sequence[str], provider_id: UUID | None, worker_id: UUID | None = None
) -> None:
    """Whose rows the account will see. :raises BadAccount:"""
    if (provider_id is not None) != (role is Role.PROVIDER):
        raise BadAccount("an account of role provider, and no other, belongs to a provider")
    if (worker_id is not None) != (role is Role.WORKER):
        raise BadAccount("an account of role worker, and no other, is that of a worker")
    if role in (Role.PROVIDER, Role.WORKER) and region_codes:
        raise BadAccount(
            "an account of role provider sees its provider, one of role worker itself: neither has a region"
        )
    if role not in (Role.FAMILY, Role.PROVIDER, Role.WORKER) and not region_codes:
        raise BadAccount(f"an account of role {role} needs a region")


def random_password() -> str:
    """About 79 bits, without letters that look alike."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
