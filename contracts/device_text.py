"""Text that comes from devices, such as may be shown to people."""

import re

REPLACED = "\ufffd"

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters, and what turns round the direction of the text beside it: with one of these an address or a name
next to a device's text could be made to read as something else."""


def visible(text: str) -> str:
    """With U+FFFD for each character that is not seen itself and changes what is seen, or what a terminal does."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub(REPLACED, text)
