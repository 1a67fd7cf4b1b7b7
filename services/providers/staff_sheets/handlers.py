"""Importing a provider's staff: what a row of workers or of shifts does."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from services.accounts.model import Caller
from services.db.pool import Connection
from services.errors import DomainError
from services.people import masked_phone
from services.places import Location
from services.providers.shifts import handlers as shifts
from services.providers.shifts.model import WEEKDAYS, Pattern
from services.providers.shifts.rules import BadShifts
from services.providers.shifts.store import ShiftStore
from services.providers.staff_sheets.forms import SHIFTS, WORKERS
from services.providers.workers import handlers as workers
from services.providers.workers.forms import Hiring, worker_fields
from services.providers.workers.model import Worker
from services.providers.workers.rules import AreaOutside, BadWorker, PhoneTaken
from services.providers.workers.store import WorkerStore
from services.sheets.importing import Misplaced, Once, import_book, place_of, said_of
from services.sheets.model import Book, Mend, Report, Row

_FORM: TypeAdapter[Hiring] = TypeAdapter(Hiring)
_FIELD_OF = {AreaOutside: "areas", PhoneTaken: "phone"}
_ZH: dict[type[DomainError], str] = {
    AreaOutside: "片区要在您的服务区域里",
    PhoneTaken: "您这里已有人员用这个手机号",
    BadWorker: "证书、休息或工时上限不合要求",
    BadShifts: "同一天的时间不能重叠，一段最长 24 小时",
}


async def import_staff(tx: Connection, book: Book, *, provider_id: UUID, by: Caller) -> Report:
    """Workers first, then shifts, which may be those of workers in the same file."""
    staff = _Staff(tx, provider_id, by)
    return await import_book(tx.transaction, book, [(WORKERS, staff.put_worker), (SHIFTS, staff.put_pattern)], _explain)


def _explain(refused: DomainError) -> tuple[str, Mend]:
    where = refused.members.get("day" if isinstance(refused, BadShifts) else "field")
    return str(where or _FIELD_OF.get(type(refused), "")), said_of(refused, _ZH)


class _Staff:
    """Puts row after row; knows which worker stood in which row."""

    def __init__(self, tx: Connection, provider_id: UUID, by: Caller) -> None:
        self._tx, self._provider_id, self._by = tx, provider_id, by
        self._workers, self._shifts = WorkerStore(tx), ShiftStore(tx)
        self._once = Once()

    async def put_worker(self, row: Row) -> str:
        before = await self._known(row)
        fields = self._fields(row, before)
        worker_id = before.id if before else uuid4()
        self._once(row, "phone", worker_id if before else fields["phone"])
        if before is None:
            worker = Worker(id=worker_id, provider_id=self._provider_id, **fields)
            await workers.hire(self._tx, worker, scope=self._by.scope)
            self._once(row, "phone", worker_id)
            return "added"
        if replace(before, **fields) == before:
            return "unchanged"
        await workers.change_worker(self._tx, before.id, fields, version=None, scope=self._by.scope)
        return "changed"

    async def put_pattern(self, row: Row) -> str:
        worker = await self._known(row)
        if worker is None:
            raise Misplaced(
                "phone",
                "您这里没有用这个号码的人员，请先写进“人员”表",
                "this provider has no worker with this number; add them to the sheet of workers",
            )
        values = row.values
        days = tuple(values.get(day, ()) for day in WEEKDAYS)
        pattern = Pattern(begins=values["begins"], shifts=days, on_holidays=values.get("on_holidays") == "yes")
        self._once(row, "begins", worker.id, pattern.begins)
        before = await self._shifts.pattern(worker.id, pattern.begins)
        if before == pattern:
            return "unchanged"
        await shifts.put_pattern(self._tx, worker.id, pattern, by=self._by)
        return "changed" if before else "added"

    async def _known(self, row: Row) -> Worker | None:
        """By id, or by phone. :raises Misplaced:"""
        worker_id, phone = row.values.get("id"), str(row.values.get("phone") or "")
        if worker_id is None:
            if not phone:
                raise Misplaced("phone", "请写手机号，或写编号", "fill it in, or the id")
            if "*" in phone:
                raise Misplaced("phone", "请写完整号码，或写编号", "write the whole number, or fill in the id")
            worker_id = await self._workers.having(self._provider_id, phone)
            return await self._workers.get(worker_id, self._by.scope) if worker_id else None
        worker = await self._workers.get(worker_id, self._by.scope)
        if worker is None:
            raise Misplaced(
                "id",
                "您这里没有这个编号的人员；新增人员请留空",
                "you have no worker with this id; leave it empty for somebody new",
            )
        if "*" in phone and phone != masked_phone(worker.phone):
            raise Misplaced("phone", "请写完整号码", "write the whole number")
        return worker

    def _fields(self, row: Row, before: Worker | None) -> dict[str, Any]:
        """:raises ValidationError: :raises Misplaced:"""
        filled = {name: value for name, value in row.values.items() if name not in ("id", "lat", "lon", "datum")}
        if before and "*" in filled["phone"]:
            filled["phone"] = before.phone
        if "lat" in row.values or "lon" in row.values:
            filled["base"] = place_of(row)
        fields = worker_fields(_FORM.validate_python(filled))
        kept, base = before.base if before else None, fields.get("base")
        if kept and isinstance(base, Location) and (base.lat, base.lon) == (kept.lat, kept.lon):
            fields["base"] = kept  # it was exported, and says no longer in which datum it came
        return fields
