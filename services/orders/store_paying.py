"""The SQL of what schemes pay already: of an elder's other orders."""

import asyncio
from datetime import date
from uuid import UUID

from services.catalogue.subsidies.model import Spent
from services.catalogue.subsidies.rules import Purse
from services.catalogue.subsidies.store import SubsidyStore
from services.db.pool import Connection


async def purse_of(
    tx: Connection,
    elder_id: UUID,
    first: date,
    last: date,
    *,
    but_for: UUID | None = None,
    but_for_series: UUID | None = None,
) -> Purse:
    """For orders of the days from `first` to `last`. Who then places one holds the lock on the elder's orders, so that
    nothing is spent twice.

    :param but_for: an order that is moved :param but_for_series: a recurring one, whose visits from `first` on
        are to be replaced
    """
    schemes, awards, spent = await asyncio.gather(  # in a pipeline they travel together
        SubsidyStore(tx).schemes(),
        SubsidyStore(tx).awards(elder_id, from_day=first),
        _spent(tx, elder_id, first, last, but_for=but_for, but_for_series=but_for_series),
    )
    return Purse(schemes=schemes, awards=awards, spent=spent)


async def _spent(
    tx: Connection, elder_id: UUID, first: date, last: date, *, but_for: UUID | None, but_for_series: UUID | None
) -> list[Spent]:
    """Of whole months. What was cancelled is given back; all else counts until it is settled."""
    cursor = await tx.execute(
        "SELECT o.day, s.scheme_code, s.units, s.fen FROM orders o,"
        " jsonb_to_recordset(o.subsidies) AS s (scheme_code text, units integer, fen bigint)"
        " WHERE o.elder_id = %(elder)s AND o.subsidy_fen > 0 AND o.state <> 'cancelled'"
        " AND o.day >= date_trunc('month', %(first)s::date)"
        " AND o.day < date_trunc('month', %(last)s::date) + interval '1 month'"
        " AND o.id IS DISTINCT FROM %(but_for)s::uuid"
        " AND (o.series_id IS DISTINCT FROM %(series)s::uuid OR o.series_id IS NULL OR o.day < %(first)s)",
        {"elder": elder_id, "first": first, "last": last, "but_for": but_for, "series": but_for_series},
    )
    return [Spent(**row) for row in await cursor.fetchall()]
