"""The SQL of months whose figures are a simulated history."""

from collections.abc import Sequence
from datetime import date

from services.db.pool import Connection

_COUNTED = " UNION ".join(
    f"SELECT date_trunc('month', day)::date AS month FROM {table}"  # noqa: S608
    for table in ("counted_cases", "counted_visits", "counted_register")
)


async def among(tx: Connection, months: Sequence[date]) -> list[date]:
    """Those of them that are simulated, the first first."""
    cursor = await tx.execute(
        "SELECT month FROM simulated_months WHERE month = ANY (%s) ORDER BY month", (list(months),)
    )
    return [row["month"] for row in await cursor.fetchall()]


async def made(tx: Connection) -> dict[date, tuple[int, int]]:
    """Seed and number of elders of each simulated month."""
    cursor = await tx.execute("SELECT month, seed, elders FROM simulated_months ORDER BY month")
    return {row["month"]: (row["seed"], row["elders"]) for row in await cursor.fetchall()}


async def note(tx: Connection, months: Sequence[date], *, seed: int, elders: int) -> None:
    await tx.execute(
        "INSERT INTO simulated_months (month, seed, elders) SELECT month, %s, %s FROM unnest(%s::date[]) AS month"
        " ON CONFLICT DO NOTHING",
        (seed, elders, list(months)),
    )


async def real(tx: Connection) -> list[date]:
    """Months of which something is counted that is not simulated, or that are closed; the first first."""
    cursor = await tx.execute(
        f"SELECT month FROM ({_COUNTED} UNION SELECT month FROM closed_months) AS m"  # noqa: S608
        " WHERE NOT EXISTS (SELECT 1 FROM simulated_months s WHERE s.month = m.month) ORDER BY month".encode()
    )
    return [row["month"] for row in await cursor.fetchall()]
