"""The SQL of devices and of who carries them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from services.accounts.model import Scope
from services.db.pool import Connection
from services.elders.model import CarriedDevice, Device, DeviceKind

_DEVICE = """
SELECT d.device_id, d.model, d.kind, d.report_interval_seconds, d.provisioned_at, d.retired_at,
       s.online, s.last_seen_at, s.battery_pct, b.elder_id, b.bound_at
  FROM devices d
  LEFT JOIN device_states s ON s.device_id = d.device_id
  LEFT JOIN device_bindings b ON b.device_id = d.device_id AND b.unbound_at IS NULL
"""


def _device(row: dict[str, Any]) -> Device:
    return Device(**{**row, "kind": DeviceKind(row["kind"])})


class DeviceStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def get(self, device_id: str) -> Device | None:
        return next(iter(await self._all("WHERE d.device_id = %s", (device_id,))), None)

    async def all(self) -> list[Device]:
        return await self._all("ORDER BY d.device_id", ())

    async def of_elders(self, elder_ids: Sequence[UUID]) -> list[Device]:
        return await self._all("WHERE b.elder_id = ANY (%s) ORDER BY d.device_id", (list(elder_ids),))

    async def page(
        self, scope: Scope, *, query: str | None, bound: bool | None, after: str | None, limit: int
    ) -> list[CarriedDevice]:
        """Devices in use, by id. `query`: a part of the id or model, in small or capital letters."""
        return await self._carried(
            "AND (%(bound)s::boolean IS NULL OR (d.elder_id IS NOT NULL) = %(bound)s)"
            " AND (%(query)s::text IS NULL OR strpos(upper(d.device_id || ' ' || d.model), upper(%(query)s)) > 0)"
            " AND (%(after)s::text IS NULL OR d.device_id > %(after)s)"
            " ORDER BY d.device_id LIMIT %(limit)s",
            {"query": query, "bound": bound, "after": after, "limit": limit},
            scope,
        )

    async def carried(self, device_id: str, scope: Scope) -> CarriedDevice | None:
        """A device in use; None: there is none of this id in the scope."""
        found = await self._carried("AND d.device_id = %(device_id)s", {"device_id": device_id}, scope)
        return next(iter(found), None)

    async def _carried(self, rest: str, values: dict[str, Any], scope: Scope) -> list[CarriedDevice]:
        condition = Scope.where(region="e.region_code", elder="e.id")
        cursor = await self._tx.execute(
            f"SELECT d.*, e.name AS elder_name, e.region_code FROM ({_DEVICE}) d"  # noqa: S608
            f" LEFT JOIN elders e ON e.id = d.elder_id WHERE d.retired_at IS NULL AND {condition} {rest}",
            {**values, **scope.params()},
        )
        rows = await cursor.fetchall()
        return [
            CarriedDevice(elder_name=row.pop("elder_name"), region_code=row.pop("region_code"), device=_device(row))
            for row in rows
        ]

    async def _all(self, condition: str, params: tuple[Any, ...]) -> list[Device]:
        cursor = await self._tx.execute(_DEVICE + condition, params)
        return [_device(row) for row in await cursor.fetchall()]

    async def add(
        self, device_id: str, *, model: str, kind: DeviceKind, interval_seconds: int, credential_hash: str
    ) -> bool:
        """False when there is such a device already; it is left as it was."""
        cursor = await self._tx.execute(
            "INSERT INTO devices (device_id, model, kind, report_interval_seconds, credential_hash)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (device_id, model, kind, interval_seconds, credential_hash),
        )
        return cursor.rowcount == 1

    async def set_credential(self, device_id: str, credential_hash: str) -> bool:
        cursor = await self._tx.execute(
            "UPDATE devices SET credential_hash = %s, retired_at = NULL WHERE device_id = %s",
            (credential_hash, device_id),
        )
        return cursor.rowcount == 1

    async def retire(self, device_id: str) -> None:
        await self._tx.execute("UPDATE devices SET retired_at = clock_timestamp() WHERE device_id = %s", (device_id,))

    async def lock(self, device_id: str) -> bool:
        """One binding at a time; false when there is no such device in use."""
        cursor = await self._tx.execute(
            "SELECT 1 FROM devices WHERE device_id = %s AND retired_at IS NULL FOR UPDATE", (device_id,)
        )
        return await cursor.fetchone() is not None

    async def may_be_bound_to(self, elder_id: UUID, scope: Scope) -> bool:
        condition = Scope.where(region="e.region_code", elder="e.id")
        cursor = await self._tx.execute(
            f"SELECT 1 FROM elders e WHERE e.id = %(elder_id)s AND {condition}",  # noqa: S608
            {"elder_id": elder_id, **scope.params()},
        )
        return await cursor.fetchone() is not None

    async def unbind(self, device_id: str) -> None:
        await self._tx.execute(
            "UPDATE device_bindings SET unbound_at = clock_timestamp() WHERE device_id = %s AND unbound_at IS NULL",
            (device_id,),
        )

    async def bind(self, device_id: str, elder_id: UUID, *, since: datetime | None = None) -> None:
        await self._tx.execute(
            "INSERT INTO device_bindings (id, device_id, elder_id, bound_at)"
            " VALUES (%s, %s, %s, coalesce(%s, clock_timestamp()))",
            (uuid4(), device_id, elder_id, since),
        )

    async def credential_hashes(self) -> dict[str, str]:
        """Of every device in use: what the broker's password file holds."""
        cursor = await self._tx.execute(
            "SELECT device_id, credential_hash FROM devices WHERE retired_at IS NULL ORDER BY device_id"
        )
        return {row["device_id"]: row["credential_hash"] for row in await cursor.fetchall()}

    async def in_scope(self, device_id: str, scope: Scope) -> bool:
        """Everyone on duty may see a device bound to nobody, even one that was never provisioned."""
        condition = Scope.where(region="e.region_code", elder="e.id")
        cursor = await self._tx.execute(
            "SELECT 1 FROM (SELECT %(device_id)s::text AS device_id) d"  # noqa: S608
            " LEFT JOIN device_bindings b ON b.device_id = d.device_id AND b.unbound_at IS NULL"
            f" LEFT JOIN elders e ON e.id = b.elder_id WHERE {condition}",
            {"device_id": device_id, **scope.params()},
        )
        return await cursor.fetchone() is not None
