"""The machine code of dispatch's search, which this process needs before it can plan."""

from dispatch.kernel import warmup


class SearchMissing(Exception):
    """It has not been compiled on this machine; the text says how it is."""


def have_search() -> None:
    """Seconds, once. :raises SearchMissing:"""
    try:
        warmup.load()
    except warmup.NotCompiled as missing:
        raise SearchMissing(str(missing)) from None
