"""Two conditions of a request: the version that its sender has read, and the key that makes a repeat harmless."""

import hashlib
import json
from typing import Annotated, Any

from fastapi import Header

from services.db.text import StorableText
from services.errors import DomainError

IdempotencyKey = Annotated[StorableText | None, Header(min_length=1, max_length=100)]
IfMatch = Annotated[str | None, Header(description='the version one has read, e.g. "3"')]
IfMatchNeeded = Annotated[str, Header(alias="If-Match", description='the version one has read, e.g. "3"; * for any')]


class BadVersion(DomainError):
    code = "request.bad_version"
    status = 422
    title = "If-Match holds the version you have read, a number"


def version_of(if_match: str | None) -> int | None:
    """None: any will do. :raises BadVersion:"""
    if if_match is None or if_match.strip() == "*":
        return None
    digits = if_match.strip().removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
        raise BadVersion
    return int(digits)


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def digest_of(what: str, body: Any) -> bytes:
    """Tells one request from another that came with the same key. `body`: as JSON has it."""
    return hashlib.sha256(json.dumps([what, body], sort_keys=True).encode()).digest()
