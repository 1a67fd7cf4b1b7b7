"""The SQL of elders and contacts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.accounts.model import Scope
from services.db.pool import Connection
from services.elders import store_search
from services.elders.identity import IdentityNumber
from services.elders.model import AbilityLevel, Contact, Elder, LivingSituation, RegisterFlag
from services.elders.searching import Sought, sought
from services.elders.vault import Vault
from services.places import Location

_IN_SCOPE = Scope.where(region="e.region_code", elder="e.id")
_COLUMNS = (
    "name", "sex", "birth_date", "phone", "photo_digest", "ability_level", "living_situation", "register_flags",
    "conditions", "medicines", "allergies", "oxygen", "notes", "address", "door_note", "region_code", "lat", "lon",
    "source_datum", "response_plan", "consents",
)  # fmt: skip
_HAS_WHOLE_PHONE = "right(regexp_replace({0}, '\\D', '', 'g'), 11) = right(%(digits)s::text, 11)"
"""Also of one written with +86."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Who has registered an elder, and with which request: a repeat of it is recognised."""

    by: UUID
    key: str | None
    digest: bytes


def _elder(row: dict[str, Any]) -> Elder:
    where = None
    if row["lat"] is not None and row["lon"] is not None:
        where = Location(lat=row["lat"], lon=row["lon"], source_datum=row["source_datum"])
    kept: dict[str, Any] = {name: row[name] for name in ("id", "name", "sex", "birth_date", "phone", "photo_digest")}
    kept |= {name: row[name] for name in ("oxygen", "notes", "address", "door_note", "region_code", "response_plan")}
    kept["version"] = row["version"]
    kept |= {name: tuple(row[name]) for name in ("conditions", "medicines", "allergies", "consents")}
    return Elder(
        **kept,
        ability_level=AbilityLevel(row["ability_level"]),
        living_situation=LivingSituation(row["living_situation"]),
        register_flags=tuple(RegisterFlag(flag) for flag in row["register_flags"]),
        location=where,
    )


class ElderStore:
    """:param vault: seals identity numbers on the way in; None: only profiles are read, which needs no key."""

    def __init__(self, tx: Connection, vault: Vault | None) -> None:
        self._tx = tx
        self._kept_vault = vault

    @property
    def _vault(self) -> Vault:
        assert self._kept_vault is not None, "identity numbers need the platform's key"
        return self._kept_vault

    async def get(self, elder_id: UUID, scope: Scope, *, to_edit: bool = False) -> Elder | None:
        """`to_edit`: nobody else edits the profile or its contacts until the transaction ends."""
        lock = "FOR NO KEY UPDATE OF e" if to_edit else ""  # orders that refer to her need not wait
        cursor = await self._tx.execute(
            f"SELECT e.* FROM elders e WHERE e.id = %(id)s AND {_IN_SCOPE} {lock}",  # noqa: S608
            {"id": elder_id, **scope.params()},
        )
        row = await cursor.fetchone()
        return _elder(row) if row else None

    async def identity_number(self, elder_id: UUID) -> str | None:
        """Opens the seal. :raises SealBroken: when the platform's key is not the one it was sealed with."""
        cursor = await self._tx.execute("SELECT identity_number_sealed FROM elders WHERE id = %s", (elder_id,))
        row = await cursor.fetchone()
        if row is None or row["identity_number_sealed"] is None:
            return None
        return self._vault.open(bytes(row["identity_number_sealed"]), elder_id)

    async def contacts(self, elder_id: UUID) -> list[Contact]:
        cursor = await self._tx.execute(
            "SELECT id, position, name, relation, phone, distance_note FROM contacts"
            " WHERE elder_id = %s ORDER BY position",
            (elder_id,),
        )
        return [Contact(**row) for row in await cursor.fetchall()]

    async def contacts_of(self, elder_ids: Sequence[UUID]) -> dict[UUID, list[Contact]]:
        """Of each of these who has some, in the order they are called."""
        cursor = await self._tx.execute(
            "SELECT elder_id, id, position, name, relation, phone, distance_note FROM contacts"
            " WHERE elder_id = ANY (%s) ORDER BY elder_id, position",
            (list(elder_ids),),
        )
        found: dict[UUID, list[Contact]] = {}
        for row in await cursor.fetchall():
            found.setdefault(row.pop("elder_id"), []).append(Contact(**row))
        return found

    async def page(
        self, scope: Scope, *, query: str | None, region: str | None, after: tuple[str, UUID] | None, limit: int
    ) -> list[Elder]:
        """By name. `query`: parts or initials of a name, parts of an address, a device id, a whole identity number; or
        the whole phone number of an elder or a contact, or its last four digits, which everybody is shown.
        """
        wanted = sought(query) if query else None
        among = f" AND e.id IN ({store_search.found(wanted, capped=False)})" if wanted else ""
        cursor = await self._tx.execute(
            f"SELECT e.* FROM elders e WHERE {_IN_SCOPE}"  # noqa: S608
            " AND (%(region)s::text IS NULL OR e.region_code ^@ %(region)s)"
            " AND (%(name)s::text IS NULL OR (e.name, e.id) > (%(name)s, %(id)s))"
            f"{among} ORDER BY e.name, e.id LIMIT %(limit)s",
            {
                "region": region,
                "name": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit,
                **scope.params(),
                **(store_search.params(wanted, self._vault) if wanted else {}),
            },
        )
        return [_elder(row) for row in await cursor.fetchall()]

    async def search(self, scope: Scope, wanted: Sought, *, limit: int) -> list[Elder]:
        """While somebody talks: the best, however many there are."""
        cursor = await self._tx.execute(
            f"SELECT e.* FROM elders e WHERE {_IN_SCOPE} AND e.id IN ({store_search.found(wanted, capped=True)})"  # noqa: S608
            f" ORDER BY {store_search.BEST_FIRST} LIMIT %(limit)s",
            {"limit": limit, **scope.params(), **store_search.params(wanted, self._vault)},
        )
        return [_elder(row) for row in await cursor.fetchall()]

    async def named(self, name: str, *, digits: str | None, device_id: str | None) -> list[UUID]:
        """Of exactly this name, with this whole phone number, their own or a contact's, or who has this device."""
        cursor = await self._tx.execute(
            f"SELECT e.id FROM elders e WHERE e.name = %(name)s AND ({_HAS_WHOLE_PHONE.format('e.phone')}"  # noqa: S608
            f"  OR EXISTS (SELECT 1 FROM contacts c WHERE c.elder_id = e.id AND {_HAS_WHOLE_PHONE.format('c.phone')})"
            "  OR e.id IN (SELECT elder_id FROM device_bindings"
            "    WHERE device_id = %(device_id)s::text AND unbound_at IS NULL))",
            {"name": name, "digits": digits, "device_id": device_id},
        )
        return [row["id"] for row in await cursor.fetchall()]

    async def having(self, number: IdentityNumber) -> UUID | None:
        """Found by the blind index; no seal is opened."""
        cursor = await self._tx.execute(
            "SELECT id FROM elders WHERE identity_number_index = %s", (self._vault.blind_index(number.text),)
        )
        row = await cursor.fetchone()
        return row["id"] if row else None

    async def registered(self, by: UUID, key: str) -> tuple[UUID, bytes] | None:
        """The elder this account has registered with this idempotency key, and the digest of that request."""
        cursor = await self._tx.execute(
            "SELECT id, request_digest FROM elders WHERE registered_by = %s AND idempotency_key = %s", (by, key)
        )
        row = await cursor.fetchone()
        return (row["id"], bytes(row["request_digest"])) if row else None

    async def add(self, elder: Elder, number: IdentityNumber | None, *, filed: Filed | None = None) -> bool:
        """False, and nothing written: the identity number, or the idempotency key, is there already."""
        values = self._values(elder, number)
        values |= {"by": filed and filed.by, "key": filed and filed.key, "digest": filed and filed.digest}
        placeholders = ", ".join(f"%({name})s" for name in _COLUMNS)
        cursor = await self._tx.execute(
            f"INSERT INTO elders (id, {', '.join(_COLUMNS)}, identity_number_sealed, identity_number_index,"  # noqa: S608
            f" registered_by, idempotency_key, request_digest) VALUES (%(id)s, {placeholders}, %(sealed)s, %(index)s,"
            " %(by)s, %(key)s, %(digest)s) ON CONFLICT DO NOTHING",
            values,
        )
        return cursor.rowcount == 1

    async def change(self, elder: Elder, number: IdentityNumber | None) -> None:
        """Without `number` the one there is stays. :raises UniqueViolation: when another elder has the number."""
        columns = ", ".join(f"{name} = %({name})s" for name in _COLUMNS)
        await self._tx.execute(
            f"UPDATE elders SET {columns},"  # noqa: S608
            " identity_number_sealed = coalesce(%(sealed)s, identity_number_sealed),"
            " identity_number_index = coalesce(%(index)s, identity_number_index),"
            " version = version + 1, updated_at = clock_timestamp() WHERE id = %(id)s",
            self._values(elder, number),
        )

    def _values(self, elder: Elder, number: IdentityNumber | None) -> dict[str, Any]:
        values = asdict(elder)
        values |= values.pop("location") or {"lat": None, "lon": None, "source_datum": "WGS-84"}
        for name in ("register_flags", "conditions", "medicines", "allergies"):
            values[name] = list(values[name])
        values["response_plan"] = Jsonb(elder.response_plan)
        values["consents"] = Jsonb(list(elder.consents))
        values["sealed"] = self._vault.seal(number.text, elder.id) if number else None
        values["index"] = self._vault.blind_index(number.text) if number else None
        return values

    async def replace_contacts(self, elder_id: UUID, contacts: Sequence[Contact]) -> None:
        """The profile's version counts this as well."""
        await self._tx.execute("DELETE FROM contacts WHERE elder_id = %s", (elder_id,))
        await self.add_contacts(elder_id, contacts)
        await self._tx.execute(
            "UPDATE elders SET version = version + 1, updated_at = clock_timestamp() WHERE id = %s", (elder_id,)
        )

    async def add_contacts(self, elder_id: UUID, contacts: Sequence[Contact]) -> None:
        async with self._tx.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO contacts (id, elder_id, position, name, relation, phone, distance_note)"
                " VALUES (%(id)s, %(elder_id)s, %(position)s, %(name)s, %(relation)s, %(phone)s, %(distance_note)s)",
                [{**asdict(contact), "elder_id": elder_id} for contact in contacts],
            )
