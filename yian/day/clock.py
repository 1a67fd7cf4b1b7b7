"""The clock of a simulated city: linear, and the same in its processes, in its database and in its people."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg

SECOND = timedelta(seconds=1)

_FUNCTIONS = """
CREATE OR REPLACE FUNCTION public.on_the_days_clock(at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT '{starts_at}'::timestamptz + (at - '{began}'::timestamptz) *
        CASE WHEN at > '{began}'::timestamptz THEN {speed}::float8 ELSE 1.0::float8 END
$$;
CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT public.on_the_days_clock(pg_catalog.clock_timestamp())';
CREATE OR REPLACE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    'SELECT public.on_the_days_clock(pg_catalog.now())';
"""
"""Names without a schema are looked up in `public` first in this one database, so that every statement and every
default of the platform has this clock, and none of them is changed for it."""


@dataclass(frozen=True, slots=True)
class DayClock:
    """Until `began` it goes at the pace of the wall's, then `speed` times as fast."""

    starts_at: datetime
    """What it shows at `began`."""
    began: float
    """Unix time, seconds."""
    speed: float
    wall: Callable[[], float] = time.time

    def now(self) -> datetime:
        passed = self.wall() - self.began
        return self.starts_at.astimezone(UTC) + passed * (self.speed if passed > 0 else 1.0) * SECOND

    def seconds_until(self, moment: datetime) -> float:
        """Of the wall's clock; 0 where it is past."""
        ahead = (moment - self.now()) / SECOND
        slow = max(0.0, self.began - self.wall())
        return max(0.0, ahead) if ahead < slow else slow + (ahead - slow) / self.speed

    def text(self) -> str:
        return json.dumps([self.starts_at.isoformat(), self.began, self.speed])

    @classmethod
    def of(cls, text: str) -> "DayClock":
        starts_at, began, speed = json.loads(text)
        return cls(datetime.fromisoformat(starts_at), began, speed)


def set_database(dsn: str, clock: DayClock) -> None:
    """From now on, for connections that are opened after it."""
    functions = _FUNCTIONS.format(
        starts_at=clock.starts_at.isoformat(),
        began=datetime.fromtimestamp(clock.began, UTC).isoformat(),
        speed=float(clock.speed),
    )
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(functions.encode())
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog'.encode())
