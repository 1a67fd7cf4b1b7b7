"""Text from devices, made safe to show to people."""

import re

REPLACED = "\ufffd"

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters, and those that change the direction of text. With one of these, a device's text could change how
an address or a name beside it reads."""


def visible(text: str) -> str:
    """Replaces by U+FFFD each character that is invisible but changes the display or controls a terminal."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub(REPLACED, text)
