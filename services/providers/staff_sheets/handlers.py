"""Importing a provider's staff. Each row is one change by the handlers that pages use, and is undone if it will not do;
whether the whole is kept is for the caller, who owns the transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError

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
from services.providers.workers.rules import AreaOutside, PhoneTaken
from services.providers.workers.store import WorkerStore
from services.sheets.model import Book, Fault, Report, Row, SheetForm
from services.sheets.rows import fault_at, rows_of, sheet_in

_FORM: TypeAdapter[Hiring] = TypeAdapter(Hiring)
_FIELD_OF = {AreaOutside: "areas", PhoneTaken: "phone"}
Put = Callable[[Row], Awaitable[str]]
"""Returns the name of the report's count."""


class _Misplaced(Exception):
    """What will not do in the named column."""

    def __init__(self, column: str, mend: str) -> None:
        super().__init__(mend)
        self.column, self.mend = column, mend


async def import_staff(tx: Connection, book: Book, *, provider_id: UUID, by: Caller) -> Report:
    """Workers first, then shifts, which may be those of workers in the same file. Nothing of a faulty row is
    written."""
    report = Report(faults=list(book.faults))
    staff = _Staff(tx, provider_id, by)
    if book.sheets and not any(sheet_in(book, form) for form in (WORKERS, SHIFTS)):
        mend = f"name a sheet {WORKERS.name} or {SHIFTS.name}, as in the template"
        report.faults.append(Fault(code="no_sheet", mend=mend))
    for form, put in ((WORKERS, staff.put_worker), (SHIFTS, staff.put_pattern)):
        await _import_sheet(tx, book, form, put, report)
    report.faulty_rows = len({(fault.sheet, fault.row) for fault in report.faults if fault.row})
    return report


async def _import_sheet(tx: Connection, book: Book, form: SheetForm, put: Put, report: Report) -> None:
    sheet = sheet_in(book, form)
    if sheet is None:
        return
    rows, faults = rows_of(sheet, form, book.faults)
    report.faults += faults
    report.rows += len(sheet.rows)
    for row in rows:
        try:
            async with tx.transaction():  # a savepoint
                count = await put(row)
        except ValidationError as invalid:
            report.faults += [
                fault_at(form, row, _column_of(error["loc"]), code="bad_cell", mend=error["msg"])
                for error in invalid.errors()
            ]
        except _Misplaced as wrong:
            report.faults.append(fault_at(form, row, wrong.column, code="bad_cell", mend=wrong.mend))
        except DomainError as refused:
            where = refused.members.get("day" if isinstance(refused, BadShifts) else "field")
            name = str(where or _FIELD_OF.get(type(refused), ""))
            mend = refused.detail or refused.title
            report.faults.append(fault_at(form, row, name, code=refused.code, mend=mend))
        else:
            setattr(report, count, getattr(report, count) + 1)


def _column_of(place: tuple[int | str, ...]) -> str:
    """Of a fault that the form found; a place stands in three columns."""
    names = [part for part in place if isinstance(part, str)]
    return names[-1] if names[:1] == ["base"] and len(names) > 1 else (names[0] if names else "")


class _Staff:
    """Puts row after row; knows which worker stood in which row."""

    def __init__(self, tx: Connection, provider_id: UUID, by: Caller) -> None:
        self._tx, self._provider_id, self._by = tx, provider_id, by
        self._workers, self._shifts = WorkerStore(tx), ShiftStore(tx)
        self._seen: dict[tuple[Any, ...], int] = {}

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
            raise _Misplaced("phone", "this provider has no worker with this number; add them to the sheet of workers")
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
        """By id, or by phone. :raises _Misplaced:"""
        worker_id, phone = row.values.get("id"), str(row.values.get("phone") or "")
        if worker_id is None:
            if not phone:
                raise _Misplaced("phone", "fill it in, or the id")
            if "*" in phone:
                raise _Misplaced("phone", "write the whole number, or fill in the id")
            worker_id = await self._workers.having(self._provider_id, phone)
            return await self._workers.get(worker_id, self._by.scope) if worker_id else None
        worker = await self._workers.get(worker_id, self._by.scope)
        if worker is None:
            raise _Misplaced("id", "you have no worker with this id; leave it empty for somebody new")
        if "*" in phone and phone != masked_phone(worker.phone):
            raise _Misplaced("phone", "write the whole number")
        return worker

    def _fields(self, row: Row, before: Worker | None) -> dict[str, Any]:
        """:raises ValidationError: :raises _Misplaced:"""
        filled = {name: value for name, value in row.values.items() if name not in ("id", "lat", "lon", "datum")}
        if before and "*" in filled["phone"]:
            filled["phone"] = before.phone
        if "lat" in row.values or "lon" in row.values:
            filled["base"] = _place(row)
        fields = worker_fields(_FORM.validate_python(filled))
        kept, base = before.base if before else None, fields.get("base")
        if kept and isinstance(base, Location) and (base.lat, base.lon) == (kept.lat, kept.lon):
            fields["base"] = kept  # it was exported, and says no longer in which datum it came
        return fields

    def _once(self, row: Row, column: str, *key: Any) -> None:
        """:raises _Misplaced:"""
        first = self._seen.setdefault(key, row.number)
        if first != row.number:
            raise _Misplaced(column, f"this stands in row {first} already: keep one of the two")


def _place(row: Row) -> dict[str, Any] | None:
    lat, lon = row.values.get("lat"), row.values.get("lon")
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise _Misplaced("lat" if lat is None else "lon", "fill in both, or neither")
    return {"lat": lat, "lon": lon, "datum": row.values.get("datum") or "WGS-84"}
