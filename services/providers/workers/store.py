"""The SQL of workers, their certificates and the elders they are paired with."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.accounts.model import Scope
from services.db.pool import Connection
from services.places import Location
from services.providers.workers.model import Break, Certificate, TravelMode, Worker, WorkerKind, WorkerState

IN_SCOPE = (
    "(CASE WHEN %(scope_worker)s::uuid IS NOT NULL THEN w.id = %(scope_worker)s"
    " WHEN %(scope_elders)s::uuid[] IS NOT NULL THEN w.provider_id = %(scope_provider)s::uuid"
    " ELSE EXISTS (SELECT 1 FROM (SELECT unnest(w.areas) AS code UNION ALL"
    "   SELECT r.region_code FROM provider_regions r WHERE r.provider_id = w.provider_id AND w.areas = '{}') s,"
    "   unnest(%(scope_regions)s::text[]) AS mine WHERE s.code ^@ mine OR mine ^@ s.code) END)"
)
"""A condition over `workers w`, with the scope's `params()`: itself, the provider's own, or who serves there."""

_KEPT = (
    "id", "provider_id", "name", "sex", "phone", "day_limit_min", "week_limit_min", "month_limit_min", "most_visits",
    "photo_digest", "version",
)  # fmt: skip
_LISTS = ("dialects", "skills", "areas", "elder_ids")
_COLUMNS = (
    "w.*, ARRAY(SELECT elder_id FROM worker_elders e WHERE e.worker_id = w.id ORDER BY 1) AS elder_ids,"
    " (SELECT coalesce(jsonb_agg(to_jsonb(c) - 'worker_id' ORDER BY c.kind, c.number), '[]')"
    "    FROM worker_certificates c WHERE c.worker_id = w.id) AS certificates"
)


def _worker(row: dict[str, Any]) -> Worker:
    kept = {name: row[name] for name in _KEPT} | {name: tuple(row[name]) for name in _LISTS}
    base = None
    if row["lat"] is not None:
        base = Location(lat=row["lat"], lon=row["lon"], source_datum=row["source_datum"])
    return Worker(
        **kept,
        kind=WorkerKind(row["kind"]),
        state=WorkerState(row["state"]),
        travel_mode=TravelMode(row["travel_mode"]),
        base=base,
        breaks=tuple(Break(**one) for one in row["breaks"]),
        certificates=tuple(
            Certificate(
                kind=one["kind"],
                number=one["number"],
                valid_from=date.fromisoformat(one["valid_from"]),
                valid_until=date.fromisoformat(one["valid_until"]),
            )
            for one in row["certificates"]
        ),
    )


def _values(worker: Worker) -> dict[str, Any]:
    base = worker.base
    return {name: getattr(worker, name) for name in (*_KEPT, "kind", "state", "travel_mode")} | {
        "dialects": list(worker.dialects),
        "skills": list(worker.skills),
        "areas": list(worker.areas),
        "breaks": Jsonb([asdict(one) for one in worker.breaks]),
        "lat": base.lat if base else None,
        "lon": base.lon if base else None,
        "source_datum": base.source_datum if base else "WGS-84",
    }


class WorkerStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def modes(self, worker_ids: Sequence[UUID]) -> dict[UUID, TravelMode]:
        """How each of them travels."""
        cursor = await self._tx.execute("SELECT id, travel_mode FROM workers WHERE id = ANY (%s)", (list(worker_ids),))
        return {row["id"]: TravelMode(row["travel_mode"]) for row in await cursor.fetchall()}

    async def photo_digests(self, worker_ids: Collection[UUID]) -> dict[UUID, str]:
        """Of those who have a photo."""
        if not worker_ids:
            return {}
        cursor = await self._tx.execute(
            "SELECT id, photo_digest FROM workers WHERE id = ANY (%s) AND photo_digest IS NOT NULL", (list(worker_ids),)
        )
        return {row["id"]: row["photo_digest"] for row in await cursor.fetchall()}

    async def get(self, worker_id: UUID, scope: Scope, *, to_edit: bool = False) -> Worker | None:
        """`to_edit`: nobody else changes it until the transaction ends."""
        lock = "FOR UPDATE OF w" if to_edit else ""
        cursor = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM workers w WHERE w.id = %(id)s AND {IN_SCOPE} {lock}",  # noqa: S608
            {"id": worker_id, **scope.params()},
        )
        row = await cursor.fetchone()
        return _worker(row) if row else None

    async def lock(self, worker_ids: Sequence[UUID]) -> dict[UUID, Worker]:
        """Whoever asks. In the order of their ids, so that two who lock several wait for each other in turn."""
        cursor = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM workers w WHERE w.id = ANY (%s) ORDER BY w.id FOR NO KEY UPDATE OF w",  # noqa: S608
            (list(worker_ids),),
        )
        return {row["id"]: _worker(row) for row in await cursor.fetchall()}

    async def page(
        self,
        scope: Scope,
        *,
        provider_id: UUID | None = None,
        query: str | None = None,
        state: WorkerState | None = None,
        after: tuple[str, UUID] | None = None,
        limit: int,
    ) -> list[Worker]:
        """By name. `query`: a part of the name, or a skill."""
        cursor = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM workers w WHERE {IN_SCOPE}"  # noqa: S608
            " AND (%(provider)s::uuid IS NULL OR w.provider_id = %(provider)s)"
            " AND (%(state)s::text IS NULL OR w.state = %(state)s)"
            " AND (%(query)s::text IS NULL OR strpos(w.name, %(query)s) > 0 OR %(query)s = ANY (w.skills))"
            " AND (%(name)s::text IS NULL OR (w.name, w.id) > (%(name)s, %(id)s))"
            " ORDER BY w.name, w.id LIMIT %(limit)s",
            {
                "provider": provider_id,
                "query": query,
                "state": state,
                "name": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit,
                **scope.params(),
            },
        )
        return [_worker(row) for row in await cursor.fetchall()]

    async def with_certificates_until(self, last: date, scope: Scope, *, limit: int) -> list[Worker]:
        """Active ones who hold a certificate that ends by this day, also before today; the first to end first."""
        cursor = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM workers w JOIN (SELECT worker_id, min(valid_until) AS ends"  # noqa: S608
            "   FROM worker_certificates WHERE valid_until <= %(last)s GROUP BY 1) c ON c.worker_id = w.id"
            f" WHERE w.state = 'active' AND {IN_SCOPE} ORDER BY c.ends, w.name, w.id LIMIT %(limit)s",
            {"last": last, "limit": limit, **scope.params()},
        )
        return [_worker(row) for row in await cursor.fetchall()]

    async def having(self, provider_id: UUID, phone: str) -> UUID | None:
        cursor = await self._tx.execute(
            "SELECT id FROM workers WHERE provider_id = %s AND phone = %s", (provider_id, phone)
        )
        row = await cursor.fetchone()
        return row["id"] if row else None

    async def add(self, worker: Worker) -> bool:
        """False, and nothing written: the provider has somebody with this phone. :raises ForeignKeyViolation: no such
        elder"""
        values = _values(worker)
        names, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        cursor = await self._tx.execute(
            f"INSERT INTO workers ({names}) VALUES ({places})"  # noqa: S608
            " ON CONFLICT (provider_id, phone) DO NOTHING",
            values,
        )
        if cursor.rowcount == 0:
            return False
        await self._add_parts(worker)
        return True

    async def change(self, worker: Worker) -> None:
        """With its version. :raises UniqueViolation: the phone :raises ForeignKeyViolation: no such elder"""
        values = _values(worker)
        assigned = ", ".join(f"{name} = %({name})s" for name in values if name not in ("id", "provider_id"))
        await self._tx.execute(
            f"UPDATE workers SET {assigned}, updated_at = clock_timestamp() WHERE id = %(id)s",  # noqa: S608
            values,
        )
        await self._set_parts(worker)

    async def _set_parts(self, worker: Worker) -> None:
        """What stays the same is not written again: the audit would tell of a change."""
        elders = list(worker.elder_ids)
        await self._tx.execute(
            "DELETE FROM worker_elders WHERE worker_id = %s AND elder_id <> ALL (%s::uuid[])", (worker.id, elders)
        )
        await self._tx.execute(
            "DELETE FROM worker_certificates WHERE worker_id = %s"
            " AND (kind, number) NOT IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
            (worker.id, [one.kind for one in worker.certificates], [one.number for one in worker.certificates]),
        )
        await self._add_parts(worker)

    async def _add_parts(self, worker: Worker) -> None:
        if worker.elder_ids:
            await self._tx.execute(
                "INSERT INTO worker_elders SELECT %s, unnest(%s::uuid[]) ON CONFLICT DO NOTHING",
                (worker.id, list(worker.elder_ids)),
            )
        for one in worker.certificates:
            await self._tx.execute(
                "INSERT INTO worker_certificates (worker_id, kind, number, valid_from, valid_until)"
                " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (worker_id, kind, number)"
                " DO UPDATE SET valid_from = excluded.valid_from, valid_until = excluded.valid_until",
                (worker.id, one.kind, one.number, one.valid_from, one.valid_until),
            )

    async def elders_outside(self, elder_ids: Sequence[UUID], region_codes: Sequence[str]) -> bool:
        """One of them is not there, or lives where these regions do not reach."""
        cursor = await self._tx.execute(
            "SELECT count(*) FROM elders WHERE id = ANY (%s) AND region_code ^@ ANY (%s::text[])",
            (list(elder_ids), list(region_codes)),
        )
        row = await cursor.fetchone()
        return row is None or row["count"] < len(elder_ids)
