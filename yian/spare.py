"""A spare process has loaded all it needs, and waits until the one whose place it takes has ended: whoever starts one
then starts at once, while loading takes seconds on a busy machine."""

import os
import sys
from importlib import import_module

SPARE = "YIAN_SPARE"
"""Set in the environment of a spare process. A line on its standard input is its turn; the end of it is its own."""


def wait_for_turn(module: str) -> None:
    """Returns at once in a process that is no spare. :param module: what it runs; its `prepare`, if any, is called"""
    if os.environ.pop(SPARE, None) is None:
        return
    if prepare := getattr(import_module(module), "prepare", None):
        prepare()
    if not sys.stdin.buffer.readline():
        raise SystemExit(0)
