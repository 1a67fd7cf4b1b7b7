"""A provider's staff as a sheet: template, export, import with a dry run first."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from psycopg import Rollback

from services.accounts import audit
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.pool import Connection, Database
from services.errors import NotFound
from services.providers.shifts.store import ShiftStore
from services.providers.staff_sheets import handlers
from services.providers.staff_sheets.forms import SHIFTS, WORKERS, shift_row, worker_row
from services.providers.workers.store import WorkerStore
from services.sheets.files import DOWNLOAD, READ_AT_ONCE, UPLOAD, Format, csv_file, xlsx_file
from services.sheets.model import MOST_FAULTS, MOST_ROWS, Report, SheetForm
from services.sheets.reading import read_book
from services.sheets.writing import TextRow

Which = Annotated[Literal["workers", "shifts"], Query(description="which of the two; a CSV file is one sheet")]
_FORMS: dict[str, SheetForm] = {"workers": WORKERS, "shifts": SHIFTS}


def staff_sheet_routes(db: Database, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/staff-sheet", tags=["workers"])
    slots = asyncio.Semaphore(READ_AT_ONCE)

    @router.get("/template", response_class=Response, responses=DOWNLOAD)
    async def get_template(
        format: Format = "xlsx", sheet: Which = "workers", _: Caller = guard.allows(Permission.WORKERS_WRITE)
    ) -> Response:
        """An empty file with the titles; what belongs below each is its comment."""
        return await _file({}, format, sheet)

    @router.get("", response_class=Response, responses=DOWNLOAD)
    async def export_staff(
        format: Format = "xlsx", sheet: Which = "workers", caller: Caller = guard.allows(Permission.WORKERS_WRITE)
    ) -> Response:
        """Phones are masked; the file can be imported again as it is. It is noted who exported."""
        async with db.transaction(actor=caller.id) as tx:
            subject = str(caller.scope.provider_id)
            await audit.record(
                tx, actor_id=caller.id, action="staff.exported", subject_type="providers", subject_id=subject
            )
            rows = await _exported(tx, caller)
        return await _file(rows, format, sheet)

    @router.post("", openapi_extra=UPLOAD)
    async def import_staff(
        request: Request,
        dry_run: Annotated[bool, Query(description="only say what would happen")] = True,
        only_good: Annotated[bool, Query(description="write the good rows though others will not do")] = False,
        sheet: Which = "workers",
        caller: Caller = guard.allows(Permission.WORKERS_WRITE),
    ) -> Report:
        """XLSX with both sheets or one, or CSV. If any row will not do, nothing is written, unless `only_good`. The
        same file a second time changes nothing."""
        provider_id = caller.scope.provider_id
        if provider_id is None:
            raise NotFound
        file = await request.body()
        async with slots:
            book = await asyncio.to_thread(read_book, file, csv_sheet=_FORMS[sheet].name)
        async with db.transaction(actor=caller.id) as tx:
            report = await handlers.import_staff(tx, book, provider_id=provider_id, by=caller)
            report.written = not dry_run and (only_good or not report.faults)
            if not report.written:
                raise Rollback  # nothing of it stays
        report.faults = report.faults[:MOST_FAULTS]
        return report

    return router


async def _exported(tx: Connection, caller: Caller) -> dict[str, list[TextRow]]:
    found = await WorkerStore(tx).page(caller.scope, limit=MOST_ROWS)
    patterns = await ShiftStore(tx).patterns([worker.id for worker in found])
    return {
        "workers": [worker_row(worker) for worker in found],
        "shifts": [shift_row(worker, pattern) for worker in found for pattern in patterns[worker.id]],
    }


async def _file(rows: dict[str, list[TextRow]], format: Format, sheet: str) -> Response:
    if format == "csv":
        return csv_file(f"staff-{sheet}", _FORMS[sheet], rows.get(sheet, []))
    return await xlsx_file("staff", [(form, rows.get(name, [])) for name, form in _FORMS.items()])
