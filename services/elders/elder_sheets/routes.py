"""Elders as a sheet: template, export, import with a dry run first. A supervisor's work, in his regions."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from psycopg import Rollback

from services.accounts import audit
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.pool import Database
from services.elders.elder_sheets import handlers
from services.elders.elder_sheets.contacts import CONTACTS, contact_row
from services.elders.elder_sheets.forms import ELDERS, elder_row
from services.elders.forms import RegionCode
from services.elders.moving import Follow
from services.elders.store import ElderStore
from services.elders.vault import Vault
from services.errors import DomainError
from services.sheets.files import DOWNLOAD, READ_AT_ONCE, UPLOAD, Format, csv_file, xlsx_file
from services.sheets.model import MOST_FAULTS, MOST_ROWS, Report, SheetForm
from services.sheets.reading import read_book
from services.sheets.writing import TextRow

Which = Annotated[Literal["elders", "contacts"], Query(description="which of the two; a CSV file is one sheet")]
_FORMS: dict[str, SheetForm] = {"elders": ELDERS, "contacts": CONTACTS}


class TooManyElders(DomainError):
    code = "elders.too_many_for_a_sheet"
    status = 422
    title = f"More than {MOST_ROWS} elders or contacts: name a smaller region"


def elder_sheet_routes(
    db: Database, guard: Guard, vault: Vault, now: Callable[[], datetime], *, follow: Follow
) -> APIRouter:
    router = APIRouter(prefix="/elder-sheet", tags=["elders"])
    slots = asyncio.Semaphore(READ_AT_ONCE)

    @router.get("/template", response_class=Response, responses=DOWNLOAD)
    async def get_elder_template(
        format: Format = "xlsx", sheet: Which = "elders", _: Caller = guard.allows(Permission.ELDERS_WRITE)
    ) -> Response:
        """An empty file with the titles; what belongs below each is its comment."""
        return await _file({}, format, sheet)

    @router.get("", response_class=Response, responses=DOWNLOAD)
    async def export_elders(
        format: Format = "xlsx",
        region: RegionCode | None = None,
        sheet: Which = "elders",
        caller: Caller = guard.allows(Permission.ELDERS_WRITE),
    ) -> Response:
        """Phones are masked, identity numbers left out; the file can be imported again as it is. It is noted who
        exported."""
        async with db.transaction(actor=caller.id) as tx:
            store = ElderStore(tx, vault)
            found = await store.page(caller.scope, query=None, region=region, after=None, limit=MOST_ROWS + 1)
            contacts = await store.contacts_of([elder.id for elder in found])
            if max(len(found), sum(map(len, contacts.values()))) > MOST_ROWS:
                raise TooManyElders
            await audit.record(
                tx,
                actor_id=caller.id,
                action="elders.exported",
                subject_type="regions",
                subject_id=region or ",".join(caller.scope.region_codes),
                count=len(found),
            )
        rows = {
            "elders": [elder_row(elder) for elder in found],
            "contacts": [
                contact_row(elder, one, at) for elder in found for at, one in enumerate(contacts.get(elder.id, ()), 1)
            ],
        }
        return await _file(rows, format, sheet)

    @router.post("", openapi_extra=UPLOAD)
    async def import_elders(
        request: Request,
        dry_run: Annotated[bool, Query(description="only say what would happen")] = True,
        only_good: Annotated[bool, Query(description="write the good rows though others will not do")] = False,
        sheet: Which = "elders",
        caller: Caller = guard.allows(Permission.ELDERS_WRITE),
    ) -> Report:
        """XLSX with both sheets or one, or CSV. If any row will not do, nothing is written, unless `only_good`. The
        same file a second time changes nothing."""
        file = await request.body()
        async with slots:
            book = await asyncio.to_thread(read_book, file, csv_sheet=_FORMS[sheet].name)
        async with db.transaction(actor=caller.id) as tx:
            report = await handlers.import_elders(tx, vault, book, by=caller, now=now(), follow=follow)
            report.written = not dry_run and (only_good or not report.faults)
            if not report.written:
                raise Rollback  # nothing of it stays
        report.faults = report.faults[:MOST_FAULTS]
        return report

    return router


async def _file(rows: dict[str, list[TextRow]], format: Format, sheet: str) -> Response:
    if format == "csv":
        return csv_file(sheet, _FORMS[sheet], rows.get(sheet, []))
    return await xlsx_file("elders", [(form, rows.get(name, [])) for name, form in _FORMS.items()])
