"""The SQL of series and of what came of their dates."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.accounts.model import Scope
from services.catalogue.model import Words
from services.catalogue.subsidies.model import Pays
from services.db.pool import Connection
from services.elders.life.model import AT_HOME
from services.elders.life.store import LifeStore
from services.orders.series.dates import DateState, MadeDate
from services.orders.series.forms import SeriesTermsForm
from services.orders.series.model import (
    FAR_FUTURE,
    ChangeKind,
    EndReason,
    OneDate,
    Pause,
    PauseReason,
    Series,
    SeriesVersion,
    ToldPayers,
    ToldPrice,
    WhenUnpaid,
)
from services.orders.states import OrderState

_IN_SCOPE = (
    "(CASE WHEN %(scope_provider)s::uuid IS NOT NULL THEN EXISTS (SELECT 1 FROM series_versions own"  # noqa: S608
    "   WHERE own.series_id = s.id AND own.terms->>'provider_id' = %(scope_provider)s::text)"
    f" ELSE {Scope.where(region='e.region_code', elder='e.id')} END)"
)
_FROM = "series s JOIN elders e ON e.id = s.elder_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A series to be looked at."""

    id: UUID
    now: datetime


def _version(row: dict[str, Any]) -> SeriesVersion:
    return SeriesVersion(
        version=row["version"],
        from_day=row["from_day"],
        anchor=row["anchor"],
        last=row["last"] or FAR_FUTURE,
        terms=SeriesTermsForm.model_validate(row["terms"]).terms(date.min),
    )


def _one_date(row: dict[str, Any]) -> OneDate:
    kept = {name: row[name] for name in ("rule_day", "to_day", "at_min")}
    return OneDate(**kept, kind=ChangeKind(row["kind"]))


def _pays(kept: dict[str, dict[str, int | None]] | list[str]) -> dict[str, Pays | None]:
    """A list: of the time before it was kept how much they pay."""
    if isinstance(kept, list):
        return dict.fromkeys(kept)
    return {code: Pays(**pays) if pays else None for code, pays in kept.items()}


def _kept(schemes: Mapping[str, Pays | None]) -> dict[str, dict[str, int | None] | None]:
    return {code: asdict(pays) if pays else None for code, pays in schemes.items()}


def _made(row: dict[str, Any]) -> MadeDate:
    kept = {name: row[name] for name in ("rule_day", "day", "agreed", "order_id", "code")}
    says = Words(row["says_zh"], row["says_en"]) if row["says_zh"] else None
    return MadeDate(
        **kept,
        state=DateState(row["state"]),
        says=says,
        order_state=OrderState(row["order_state"]) if row["order_state"] else None,
        total_fen=row["total_fen"],
        self_pay_fen=row["self_pay_fen"],
        dishes=tuple(Words(zh, en) for zh, en in row["dishes"]),
    )


class SeriesStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def get(self, series_id: UUID, scope: Scope, *, to_edit: bool = False) -> Series | None:
        """`to_edit`: nobody else changes it or makes its visits until the transaction ends."""
        lock = "FOR UPDATE OF s" if to_edit else ""
        cursor = await self._tx.execute(
            f"SELECT s.* FROM {_FROM} WHERE s.id = %(id)s AND {_IN_SCOPE} {lock}",  # noqa: S608
            {"id": series_id, **scope.params()},
        )
        found = await self._whole(await cursor.fetchall())
        return found[0] if found else None

    async def page(
        self, scope: Scope, *, elder_id: UUID | None, after: tuple[datetime, UUID] | None, limit: int
    ) -> list[tuple[Series, datetime]]:
        """The newest first, each with when it was made."""
        cursor = await self._tx.execute(
            f"SELECT s.* FROM {_FROM} WHERE {_IN_SCOPE} AND (%(elder)s::uuid IS NULL OR s.elder_id = %(elder)s)"  # noqa: S608
            " AND (%(at)s::timestamptz IS NULL OR (s.made_at, s.id) < (%(at)s, %(id)s))"
            " ORDER BY s.made_at DESC, s.id DESC LIMIT %(limit)s",
            {
                "elder": elder_id,
                "at": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit,
                **scope.params(),
            },
        )
        rows = await cursor.fetchall()
        return list(zip(await self._whole(rows), (row["made_at"] for row in rows), strict=True))

    async def of_elder(self, elder_id: UUID, today: date, *, to_edit: bool = False) -> list[Series]:
        """Those that are not over."""
        lock = "FOR UPDATE" if to_edit else ""
        cursor = await self._tx.execute(
            "SELECT s.* FROM series s WHERE s.elder_id = %s AND (s.ends_on IS NULL OR s.ends_on >= %s)"  # noqa: S608
            f" ORDER BY s.id {lock}",
            (elder_id, today),
        )
        return await self._whole(await cursor.fetchall())

    async def _whole(self, rows: Sequence[dict[str, Any]]) -> list[Series]:
        ids = [row["id"] for row in rows]
        versions = await self._parts("SELECT * FROM series_versions WHERE series_id = ANY (%s) ORDER BY version", ids)
        one_dates = await self._parts(
            "SELECT * FROM series_one_dates WHERE series_id = ANY (%s) ORDER BY rule_day", ids
        )
        pauses = await self._parts("SELECT * FROM series_pauses WHERE series_id = ANY (%s) ORDER BY from_day", ids)
        lives = await LifeStore(self._tx).of({row["elder_id"] for row in rows})
        same = ("id", "elder_id", "service_code", "made_until", "ends_on", "version")
        return [
            Series(
                **{name: row[name] for name in same},
                life=lives.get(row["elder_id"], AT_HOME),
                end_reason=EndReason(row["end_reason"]) if row["end_reason"] else None,
                payers=tuple(ToldPayers(date.fromisoformat(day), _pays(schemes)) for day, schemes in row["payers"]),
                when_unpaid=WhenUnpaid(row["when_unpaid"]),
                prices=tuple(ToldPrice(date.fromisoformat(day), price_fen) for day, price_fen in row["prices"]),
                versions=tuple(_version(one) for one in versions[row["id"]]),
                one_dates=tuple(_one_date(one) for one in one_dates[row["id"]]),
                pauses=tuple(
                    Pause(
                        id=one["id"],
                        from_day=one["from_day"],
                        resumes_on=one["resumes_on"],
                        reason=PauseReason(one["reason"]),
                    )
                    for one in pauses[row["id"]]
                ),
            )
            for row in rows
        ]

    async def _parts(self, query: str, ids: list[UUID]) -> defaultdict[UUID, list[dict[str, Any]]]:
        found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
        if ids:
            for row in await (await self._tx.execute(query.encode(), (ids,))).fetchall():
                found[row["series_id"]].append(row)
        return found

    # --- written

    async def add(self, series: Series, *, by: UUID | None) -> None:
        await self._tx.execute(
            "INSERT INTO series (id, elder_id, service_code, made_until, made_by) VALUES (%s, %s, %s, %s, %s)",
            (series.id, series.elder_id, series.service_code, series.made_until, by),
        )
        await self.save(series, next_look_at=None)

    async def save(self, series: Series, *, next_look_at: datetime | None) -> None:
        """:param next_look_at: None: it is over"""
        await self._tx.execute(
            "UPDATE series SET made_until = %s, ends_on = %s, end_reason = %s, prices = %s, payers = %s,"
            " when_unpaid = %s, next_look_at = %s, version = %s WHERE id = %s",
            (
                series.made_until, series.ends_on, series.end_reason,
                Jsonb([[one.from_day.isoformat(), one.price_fen] for one in series.prices]),
                Jsonb([[one.from_day.isoformat(), _kept(one.schemes)] for one in series.payers]), series.when_unpaid,
                next_look_at, series.version, series.id,
            ),
        )  # fmt: skip

    async def put_versions(self, series: Series) -> None:
        """Those that begin later and are no longer among them are gone."""
        await self._tx.execute(
            "DELETE FROM series_versions WHERE series_id = %s AND version <> ALL (%s)",
            (series.id, [version.version for version in series.versions]),
        )
        for one in series.versions:
            await self._tx.execute(
                "INSERT INTO series_versions (series_id, version, from_day, anchor, last, terms)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (
                    series.id, one.version, one.from_day, one.anchor, None if one.last == FAR_FUTURE else one.last,
                    Jsonb(SeriesTermsForm.of(one.terms).model_dump(mode="json")),
                ),
            )  # fmt: skip

    async def put_one_date(self, series_id: UUID, rule_day: date, change: OneDate | None) -> None:
        await self._tx.execute(
            "DELETE FROM series_one_dates WHERE series_id = %s AND rule_day = %s", (series_id, rule_day)
        )
        if change:
            await self._tx.execute(
                "INSERT INTO series_one_dates (series_id, rule_day, kind, to_day, at_min) VALUES (%s, %s, %s, %s, %s)",
                (series_id, rule_day, change.kind, change.to_day, change.at_min),
            )

    async def put_pauses(self, series: Series) -> None:
        await self._tx.execute(
            "DELETE FROM series_pauses WHERE series_id = %s AND id <> ALL (%s)",
            (series.id, [pause.id for pause in series.pauses]),
        )
        for pause in series.pauses:
            await self._tx.execute(
                "INSERT INTO series_pauses (id, series_id, from_day, resumes_on, reason) VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (id) DO UPDATE SET resumes_on = excluded.resumes_on",
                (pause.id, series.id, pause.from_day, pause.resumes_on, pause.reason),
            )

    # --- what came of its dates

    async def made(self, series_id: UUID, first: date, last: date, rule_days: Collection[date] = ()) -> list[MadeDate]:
        """Of the days from `first` to `last`, and for these dates of the rule on whatever day."""
        cursor = await self._tx.execute(
            "SELECT d.*, o.state AS order_state, o.total_fen, o.total_fen - o.subsidy_fen AS self_pay_fen,"
            " ARRAY(SELECT ARRAY[x.name_zh, x.name_en] FROM order_dishes x WHERE x.order_id = d.order_id"
            "   ORDER BY x.position) AS dishes"
            " FROM series_dates d LEFT JOIN orders o ON o.id = d.order_id"
            " WHERE d.series_id = %s AND (d.day BETWEEN %s AND %s OR d.rule_day = ANY (%s)) ORDER BY d.day, d.rule_day",
            (series_id, first, last, list(rule_days)),
        )
        return [_made(row) for row in await cursor.fetchall()]

    async def put_made(self, series_id: UUID, made: MadeDate, now: datetime) -> None:
        says = made.says or Words("", "")
        await self._tx.execute(
            "INSERT INTO series_dates (series_id, rule_day, day, state, agreed, order_id, code, says_zh, says_en,"
            " tried_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (series_id, rule_day) DO UPDATE"
            " SET day = excluded.day, state = excluded.state, agreed = excluded.agreed, order_id = excluded.order_id,"
            " code = excluded.code, says_zh = excluded.says_zh, says_en = excluded.says_en,"
            " tried_at = excluded.tried_at",
            (
                series_id, made.rule_day, made.day, made.state, made.agreed, made.order_id, made.code,
                says.zh or None, says.en or None, now,
            ),
        )  # fmt: skip

    async def forget_made(self, series_id: UUID, rule_day: date) -> None:
        await self._tx.execute("DELETE FROM series_dates WHERE series_id = %s AND rule_day = %s", (series_id, rule_day))

    async def forget_order(self, order_id: UUID) -> None:
        """Its date of the rule is open again."""
        await self._tx.execute("DELETE FROM series_dates WHERE order_id = %s", (order_id,))

    async def forget_cancelled(self, series_id: UUID, rule_day: date) -> None:
        """An order that was cancelled by itself: this date of the rule is to have another one."""
        await self._tx.execute(
            "DELETE FROM series_dates d USING orders o WHERE d.series_id = %s AND d.rule_day = %s"
            " AND o.id = d.order_id AND o.state = 'cancelled'",
            (series_id, rule_day),
        )

    # --- the timer's

    async def lock_due(self) -> Due | None:
        """One that nobody else looks at just now."""
        cursor = await self._tx.execute(
            "SELECT id, clock_timestamp() AS now FROM series WHERE next_look_at <= clock_timestamp()"
            " ORDER BY next_look_at LIMIT 1 FOR UPDATE SKIP LOCKED"
        )
        row = await cursor.fetchone()
        return Due(**row) if row else None

    async def look_later(self, series_id: UUID, minutes: int) -> None:
        await self._tx.execute(
            "UPDATE series SET next_look_at = clock_timestamp() + make_interval(mins => %s) WHERE id = %s",
            (minutes, series_id),
        )
