"""What can be refused, with a stable code; the edge turns it into problem+json (RFC 9457)."""

from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal a caller may act on. Subclasses name `code`, `status` and `title`; anything else is a fault (500)."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        """`members` are further members of the problem, e.g. `claimed_by`; they must be JSON."""
        super().__init__(detail or self.title)
        self.detail = detail
        self.members = members

    def headers(self) -> dict[str, str]:
        return {}


class NotFound(DomainError):
    """Also the answer for a row outside the caller's scope, so that its existence is not revealed."""

    code = "not_found"
    status = 404
    title = "There is no such thing, or it is not yours to see"


class KeyReused(DomainError):
    code = "request.key_reused"
    status = 422
    title = "This Idempotency-Key came with another request before"


class StaleVersion(DomainError):
    """`version` is the current one."""

    code = "request.stale_version"
    status = 412
    title = "This has been changed since you read it"


def check_version(current: int, read: int | None) -> None:
    """:param read: the version its editor has seen; None: whatever it is. :raises StaleVersion:"""
    if read not in (None, current):
        raise StaleVersion(f"you have read version {read}, it is {current} now", version=current)


class Unreachable(DomainError):
    code = "unavailable"
    status = 503
    title = "A part the platform stands on does not answer; try again"

    def headers(self) -> dict[str, str]:
        return {"Retry-After": "2"}


def problem(error: DomainError) -> dict[str, Any]:
    body = {"type": f"urn:yian:{error.code}", "title": error.title, "status": error.status, "code": error.code}
    if error.detail:
        body["detail"] = error.detail
    return body | error.members
