"""Importing elders: what a row does. Who stands there is known by the id, or by the identity number."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from services.accounts.model import Caller
from services.business_day import business_day
from services.db.pool import Connection
from services.elders import handlers, rules
from services.elders.elder_sheets.contacts import CONTACTS, with_row
from services.elders.elder_sheets.forms import ELDERS
from services.elders.forms import Registration, elder_fields
from services.elders.identity import BadIdentityNumber, IdentityNumber, parse
from services.elders.model import Elder
from services.elders.moving import Follow
from services.elders.store import ElderStore
from services.elders.vault import Vault
from services.errors import DomainError
from services.people import masked_phone
from services.places import Location
from services.sheets.importing import Misplaced, Once, import_book, place_of, said_of
from services.sheets.model import Book, Mend, Report, Row

_FORM: TypeAdapter[Registration] = TypeAdapter(Registration)
_FIELD_OF: dict[type[DomainError], str] = {
    BadIdentityNumber: "identity_number",
    rules.IdentityDisagrees: "identity_number",
    rules.IdentityTaken: "identity_number",
    rules.BadBirthDate: "birth_date",
    rules.NotYourRegion: "region_code",
}
_ZH: dict[type[DomainError], str] = {
    BadIdentityNumber: "身份证号不对，请逐位核对",
    rules.IdentityDisagrees: "性别或出生日期与身份证号不符",
    rules.IdentityTaken: "已有老人登记了这个身份证号",
    rules.BadBirthDate: "出生日期不是在世的人的",
    rules.NotYourRegion: "没有这个区划，或不在您负责的范围里",
}


async def import_elders(
    tx: Connection, vault: Vault, book: Book, *, by: Caller, now: datetime, follow: Follow
) -> Report:
    register = _Register(tx, vault, by=by, now=now, follow=follow)
    sheets = [(ELDERS, register.put), (CONTACTS, register.put_contact)]
    return await import_book(tx.transaction, book, sheets, _explain)


def _explain(refused: DomainError) -> tuple[str, Mend]:
    return _FIELD_OF.get(type(refused), ""), said_of(refused, _ZH)


class _Register:
    """Puts row after row."""

    def __init__(self, tx: Connection, vault: Vault, *, by: Caller, now: datetime, follow: Follow) -> None:
        self._tx, self._vault, self._scope, self._today = tx, vault, by.scope, business_day(now)
        self._by, self._now, self._follow = by, now, follow
        self._store = ElderStore(tx, vault)
        self._once = Once()

    async def put(self, row: Row) -> str:
        written = row.values.get("identity_number")
        number = parse(written, today=self._today) if written else None
        before = await self._known(row, number)
        fields = self._fields(row, before)
        rules.check_birth_date(fields["birth_date"], self._today)
        if number:
            self._once(row, "identity_number", number.text)
        if before is None:
            await handlers.add_elder(
                self._tx, self._vault, Elder(id=uuid4(), **fields), number=number, contacts=[], scope=self._scope
            )
            return "added"
        self._once(row, "id", before.id)
        if number and await self._store.having(number) == before.id:
            number = None
        if number is None and replace(before, **fields) == before:
            return "unchanged"
        await handlers.change_elder(
            self._tx, self._vault, before.id, fields, number=number, version=None, by=self._by, now=self._now,
            follow=self._follow,
        )  # fmt: skip
        return "changed"

    async def put_contact(self, row: Row) -> str:
        """One person at one place of an elder's list."""
        elder = await self._whose(row)
        self._once(row, "position", elder.id, row.values["position"])
        known = await self._store.contacts(elder.id)
        drafts = with_row(known, row)
        if rules.contacts_in_order(drafts, known) == known:
            return "unchanged"
        await handlers.set_contacts(self._tx, self._vault, elder.id, drafts, version=None, scope=self._scope)
        return "changed" if len(drafts) == len(known) else "added"

    async def _whose(self, row: Row) -> Elder:
        """:raises Misplaced:"""
        written = row.values.get("identity_number")
        elder = await self._known(row, parse(written, today=self._today) if written else None)
        if elder is None:
            zh = "您负责的范围里没有这位老人；请先在“老人”表里登记"
            raise Misplaced("identity_number", zh, "there is no such elder in your regions: register her first")
        return elder

    async def _known(self, row: Row, number: IdentityNumber | None) -> Elder | None:
        """None: somebody new. :raises Misplaced:"""
        elder_id = row.values.get("id")
        if elder_id is not None:
            elder = await self._store.get(elder_id, self._scope)
            if elder is None:
                zh = "您负责的范围里没有这个编号的老人；新登记的请留空"
                raise Misplaced("id", zh, "there is no elder with this id in your regions; empty for somebody new")
            return elder
        if number is None:
            zh = "新登记的老人要写身份证号，已登记的要写编号"
            raise Misplaced("identity_number", zh, "fill it in for somebody new, or the id of somebody registered")
        holder = await self._store.having(number)
        return await self._store.get(holder, self._scope) if holder else None

    def _fields(self, row: Row, before: Elder | None) -> dict[str, Any]:
        """:raises ValidationError: :raises Misplaced:"""
        apart = ("id", "identity_number", "lat", "lon", "datum")
        filled = {name: value for name, value in row.values.items() if name not in apart}
        phone = filled.get("phone")
        if phone and "*" in phone:
            if before is None or before.phone is None or phone != masked_phone(before.phone):
                raise Misplaced("phone", "请写完整号码", "write the whole number")
            filled["phone"] = before.phone
        if "oxygen" in filled:
            filled["oxygen"] = filled["oxygen"] == "yes"
        if "lat" in row.values or "lon" in row.values:
            filled["location"] = place_of(row)
        fields = elder_fields(_FORM.validate_python(filled))
        if "location" in filled and filled["location"] is None:
            fields["location"] = None
        kept, place = before.location if before else None, fields.get("location")
        if kept and isinstance(place, Location) and (place.lat, place.lon) == (kept.lat, kept.lon):
            fields["location"] = kept  # it was exported, and says no longer in which datum it came
        return fields
