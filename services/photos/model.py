"""A photo of somebody: two JPEGs made anew from what was uploaded."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from services.errors import DomainError

Size = Literal["large", "small"]

MEDIA_TYPE = "image/jpeg"
MAX_BYTES = 8 * 1024 * 1024


class BadPhoto(DomainError):
    code = "photos.bad"
    status = 422
    title = "This photo cannot be used"


class PhotoTooLarge(DomainError):
    code = "photos.too_large"
    status = 413
    title = f"A photo has at most {MAX_BYTES // 1024 // 1024} MiB"


@dataclass(frozen=True, slots=True)
class Photo:
    """Two JPEGs of one picture."""

    large: bytes
    small: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.large).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Kept:
    """One of the two, to be shown."""

    digest: str
    jpeg: bytes
