"""Cursors of lists: the place of the last row shown, opaque to who sends it back."""

import base64
import json

from services.errors import DomainError


class BadCursor(DomainError):
    code = "request.bad_cursor"
    status = 422
    title = "The cursor is not one we gave out; start from the first page"


def cursor_of(*place: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def place_in(cursor: str, parts: int) -> list[str]:
    """As many texts as `cursor_of` was given, such as PostgreSQL can keep. :raises BadCursor:"""
    try:
        place = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        if not isinstance(place, list) or len(place) != parts:
            raise BadCursor
        for text in place:
            text.encode()  # a lone surrogate is a ValueError
            if "\0" in text:
                raise BadCursor
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise BadCursor from None
    return place
