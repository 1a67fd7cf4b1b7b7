"""Figures as files, to be kept, printed and sent: XLSX, CSV and PDF. Audited, for they leave the platform."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from services.accounts import audit
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.pool import Connection, Database
from services.elders.forms import RegionCode
from services.elders.model import Region
from services.metrics import handlers, store_exports, store_months, store_simulated
from services.metrics.exports import report, writing_csv, writing_pdf, writing_xlsx
from services.metrics.exports.report import Asked, Report
from services.metrics.exports.words import Lang, Say
from services.metrics.model import Definition
from services.metrics.routes import FigureId, Month, Months, asked_span
from services.metrics.store_figures import Span
from services.sheets.files import sent
from services.sheets.model import CSV, XLSX

PDF = "application/pdf"
AT_ONCE = 1
"""Writing a file takes a core; others wait."""
FileFormat = Annotated[Literal["xlsx", "csv", "pdf"], Query(alias="format")]
Language = Annotated[Lang, Query(description="in which it is written")]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {XLSX: _BINARY, "text/csv": _BINARY, PDF: _BINARY}, "description": "The file"}
}
WRITERS = {
    "xlsx": (writing_xlsx.written, XLSX),
    "csv": (writing_csv.written, CSV),
    "pdf": (writing_pdf.written, PDF),
}


def figure_export_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/figure-exports", tags=["figures"])
    slots = asyncio.Semaphore(AT_ONCE)

    async def file(made: Report, format_: str) -> Response:
        write, media_type = WRITERS[format_]
        async with slots:
            written = await asyncio.to_thread(write, made)
        return sent(written, media_type, f"{made.name}.{format_}")

    @router.get("", response_class=Response, responses=FILES)
    async def export_figures(
        *,
        region: RegionCode | None = None,
        month: Month = None,
        months: Months = 1,
        format_: FileFormat = "xlsx",
        lang: Language = "zh",
        caller: Caller = guard.allows(Permission.FIGURES_READ),
    ) -> Response:
        """All figures of a region, with how each is counted, what is left out and why, and when and by whom it was
        made."""
        span = asked_span(month, months, now())
        async with db.transaction(actor=caller.id) as tx:
            place = await handlers.region_in(tx, caller.scope, region)
            shown = await handlers.figures(tx, place.code, span)
            asked = await _asked(tx, place, span, by=caller, at=now(), definitions=[one.definition for one in shown])
            await _audited(tx, asked, caller, format=format_)
        return await file(report.of_page(shown, asked, Say(lang)), format_)

    @router.get("/{figure}", response_class=Response, responses=FILES)
    async def export_figure(
        *,
        figure: FigureId,
        region: RegionCode | None = None,
        month: Month = None,
        months: Months = 1,
        format_: FileFormat = "xlsx",
        lang: Language = "zh",
        caller: Caller = guard.allows(Permission.FIGURES_READ),
    ) -> Response:
        """One figure with its tables: by the regions right below, by provider or model, and over time."""
        span = asked_span(month, months, now())
        async with db.transaction(actor=caller.id) as tx:
            place = await handlers.region_in(tx, caller.scope, region)
            found = await handlers.detail(tx, figure, place, span)
            asked = await _asked(tx, place, span, by=caller, at=now(), definitions=[found.definition])
            await _audited(tx, asked, caller, format=format_, figure=figure)
        return await file(report.of_figure(found, asked, Say(lang)), format_)

    return router


async def _asked(
    tx: Connection, place: Region, span: Span, *, by: Caller, at: datetime, definitions: list[Definition]
) -> Asked:
    ids = {one.id for one in definitions}
    restated = await store_exports.restated(tx, span, place.code)
    return Asked(
        region=place,
        span=span,
        made_at=at,
        made_by=by.account.name,
        closed=await store_months.closed(tx, span.each),
        simulated=await store_simulated.among(tx, span.each),
        reasons=await store_exports.reasons(tx, definitions, span, place.code),
        restated={figure: n for figure, n in restated.items() if figure in ids},
    )


async def _audited(tx: Connection, asked: Asked, caller: Caller, **detail: str) -> None:
    await audit.record(
        tx,
        actor_id=caller.id,
        action="figures.export",
        subject_type="regions",
        subject_id=asked.region.code,
        first=asked.span.first.isoformat(),
        last=asked.span.last.isoformat(),
        **detail,
    )
