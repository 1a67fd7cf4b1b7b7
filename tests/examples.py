"""With how many examples a property is tried."""

from typing import Any

from hypothesis import settings

DEFAULT = 100
"""Of what says nothing else, with `make test`."""


def examples(count: int, **more: Any) -> settings:
    """So many with `make test`; with `make explore` as many times more as its profile (`conftest.py`) has of others."""
    return settings(max_examples=count * settings().max_examples // DEFAULT, **more)
