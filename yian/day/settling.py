"""The end of a simulated day: what was moved is said before the books are read."""

import time

import psycopg

LOOK_S = 0.25
_UNSAID = "SELECT EXISTS (SELECT FROM outbox)"


def settle(dsn: str, *, least_s: float, most_s: float) -> None:
    """Returns once nothing waits in the outbox, after `least_s` at the earliest and `most_s` at the latest."""
    began = time.monotonic()
    time.sleep(least_s)
    with psycopg.connect(dsn, autocommit=True) as connection:
        while (connection.execute(_UNSAID).fetchone() or (False,))[0] and time.monotonic() - began < most_s:
            time.sleep(LOOK_S)
