"""The SQL of what an export says besides the figures: why rows are left out, and what was restated."""

from collections.abc import Sequence

from services.db.pool import Connection
from services.metrics.model import Definition, Subject
from services.metrics.store_counted import COUNTY, TABLES, TOWN
from services.metrics.store_counting import held, judged
from services.metrics.store_figures import CITY, Span

Reasons = dict[str, dict[str, int]]
"""Figure → code of the reason → how many rows are left out for it, as they are counted today."""


async def reasons(tx: Connection, definitions: Sequence[Definition], span: Span, region: str) -> Reasons:
    found: Reasons = {}
    for subject in Subject:
        some = [one for one in definitions if one.subject is subject and one.excluded]
        if not some:
            continue
        each = " UNION ALL ".join(
            f"SELECT '{one.id}' AS figure, because FROM ({judged(one, 'c')}) AS judged WHERE {held(one)}"  # noqa: S608
            for one in some
        )
        cursor = await tx.execute(
            f"WITH c AS MATERIALIZED (SELECT * FROM {TABLES[subject].counted} WHERE day >= %(first)s"  # noqa: S608
            f" AND day < %(end)s AND (%(city)s OR region_code ^@ %(region)s)), j AS ({each})"
            " SELECT figure, because, count(*) AS n FROM j WHERE because IS NOT NULL GROUP BY 1, 2".encode(),
            {"first": span.first, "end": span.end, "region": region, "city": len(region) <= CITY},
        )
        for row in await cursor.fetchall():
            found.setdefault(row["figure"], {})[row["because"]] = row["n"]
    return found


async def restated(tx: Connection, span: Span, region: str) -> dict[str, int]:
    """Figure → how often it was restated in a town of the region, in the closed months of the span."""
    cursor = await tx.execute(
        "SELECT figure, count(*) AS n FROM restatements WHERE month = ANY (%(months)s)"
        " AND (town ^@ %(region)s OR (%(whole)s AND town = '')) GROUP BY figure",
        {"months": span.each, "region": region[:TOWN], "whole": len(region) < COUNTY},
    )
    return {row["figure"]: row["n"] for row in await cursor.fetchall()}
