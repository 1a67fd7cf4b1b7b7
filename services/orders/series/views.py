"""What pages are told of a series: its rule as a sentence, and what comes of each of its dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.catalogue.model import Words
from services.catalogue.rules import in_force
from services.catalogue.views import Text
from services.elders.life.model import ABSENT
from services.orders.paying import claims_of
from services.orders.series.dates import DateState, MadeDate, said
from services.orders.series.forms import HoursForm, SeriesTermsForm
from services.orders.series.meals import MenuNotYet
from services.orders.series.model import ChangeKind, EndReason, PauseReason, Planned, Series, Verdict, WhenUnpaid
from services.orders.series.outlook import Knowledge, Outlook
from services.orders.series.sentence import sentence
from services.orders.states import OrderState


class Comes(StrEnum):
    """What comes of a date."""

    PLACED = "placed"  # 已安排
    CANCELLED = "cancelled"  # 已取消
    TO_COME = "to_come"  # 将安排
    WAITING = "waiting"  # 待安排
    REFUSED = "refused"  # 未安排
    NOT_SERVED = "not_served"  # 不安排


@dataclass(frozen=True, slots=True, kw_only=True)
class DateView:
    rule_day: date
    """The date of the rule; exceptions name it."""
    day: date
    """On which it is served, or would have been."""
    hours: HoursForm
    verdict: Verdict
    comes: Comes
    order_id: UUID | None
    total_fen: int | None
    """None: not served, or not known yet."""
    self_pay_fen: int | None
    """What the family pays of it."""
    dishes: list[Text]
    """Of a meal, as far as it is known."""
    code: str | None
    """Of the refusal."""
    says: Text | None
    """What the family reads where the visit is not simply as the rule has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseView:
    from_day: date
    resumes_on: date | None
    reason: PauseReason


@dataclass(frozen=True, slots=True, kw_only=True)
class OneDateView:
    rule_day: date
    kind: ChangeKind
    to_day: date | None
    at_min: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    from_day: date
    terms: SeriesTermsForm
    says: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceView:
    from_day: date
    price_fen: int
    """Of a unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesView:
    id: UUID
    version: int
    elder_id: UUID
    service_code: str
    says: Text
    """The newest rule as a sentence."""
    begins: date
    ends_on: date | None
    end_reason: EndReason | None
    paused: bool
    """Today, or from some day on without an end."""
    terms: SeriesTermsForm
    versions: list[VersionView]
    """Oldest first."""
    pauses: list[PauseView]
    one_dates: list[OneDateView]
    when_unpaid: WhenUnpaid
    """What becomes of it when somebody who pays for it no longer does."""
    prices: list[PriceView]
    """As they were told; the last may lie ahead."""
    made_until: date

    @classmethod
    def of(cls, series: Series, today: date) -> "SeriesView":
        same = (
            "id",
            "version",
            "elder_id",
            "service_code",
            "begins",
            "ends_on",
            "end_reason",
            "made_until",
            "when_unpaid",
        )
        kept: dict[str, Any] = {name: getattr(series, name) for name in same}
        return cls(
            **kept,
            says=_text(sentence(series.terms)),
            paused=series.life.on(today) in ABSENT or any(pause.holds(today) for pause in series.pauses),
            terms=SeriesTermsForm.of(series.terms),
            versions=[
                VersionView(from_day=one.from_day, terms=SeriesTermsForm.of(one.terms), says=_text(sentence(one.terms)))
                for one in series.versions
            ],
            pauses=[
                PauseView(from_day=one.from_day, resumes_on=one.resumes_on, reason=one.reason) for one in series.pauses
            ],
            one_dates=[
                OneDateView(rule_day=one.rule_day, kind=one.kind, to_day=one.to_day, at_min=one.at_min)
                for one in series.one_dates
            ],
            prices=[PriceView(from_day=one.from_day, price_fen=one.price_fen) for one in series.prices],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaysView:
    """Somebody who pays beside the family, today or at the first visit."""

    name: Text
    until_day: date | None
    """The last day of what was awarded; none: it is everybody's."""


def payers_of(known: Knowledge, day: date) -> list[PaysView]:
    service = in_force(known.services, day)
    claims = claims_of(known.purse, known.elder, service, day) if service else []
    return [
        PaysView(name=_text(one.scheme.terms.name), until_day=one.award.until_day if one.award else None)
        for one in claims
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDetail:
    series: SeriesView
    payers: list[PaysView]
    dates: list[DateView]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesList:
    items: list[SeriesView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    says: Text
    begins: date
    price_fen: int | None
    """Of a unit, at the first visit; none: a meal, or not offered."""
    payers: list[PaysView]
    dates: list[DateView]


def date_view(series: Series, outlook: Outlook, made: MadeDate | None) -> DateView:
    """:param made: None: nothing came of it yet"""
    planned, comes, words = outlook.planned, Comes.TO_COME, words_of(series, outlook.planned)
    total_fen, self_pay_fen, code, order_id = outlook.total_fen, outlook.self_pay_fen, None, None
    dishes = outlook.dishes
    if made and (made.state is DateState.PLACED or planned.visited):
        comes, order_id, code = Comes(made.state.value), made.order_id, made.code
        total_fen, self_pay_fen, dishes = made.total_fen, made.self_pay_fen, made.dishes
        if made.order_state is OrderState.CANCELLED:
            comes = Comes.CANCELLED
        words = refused_words(made.says, made.state is DateState.WAITING) if made.says else words
    elif not planned.visited:
        comes = Comes.NOT_SERVED
    elif outlook.refusal:
        comes, code = Comes.REFUSED, outlook.refusal.code
        if isinstance(outlook.refusal, MenuNotYet):
            comes = Comes.WAITING
        words = said(outlook.refusal)
    return DateView(
        rule_day=planned.rule_day,
        day=planned.day,
        hours=HoursForm(
            at_min=planned.hours.at_min,
            earliest_min=planned.hours.earliest_min,
            latest_min=planned.hours.latest_min,
        ),
        verdict=planned.verdict,
        comes=comes,
        order_id=order_id,
        total_fen=total_fen,
        self_pay_fen=self_pay_fen,
        dishes=[_text(name) for name in dishes],
        code=code,
        says=_text(words) if words else None,
    )


def date_views(series: Series, found: Sequence[Outlook], made: Mapping[date, MadeDate]) -> list[DateView]:
    return [date_view(series, one, made.get(one.planned.rule_day)) for one in found]


def refused_words(says: Words, tried_again: bool) -> Words:
    """“银杏食堂目前不供餐。本次未安排。”"""
    zh, en = (
        ("每天会再试一次。", "It is tried again every day.") if tried_again else ("本次未安排。", "There is no visit.")
    )
    return Words(f"{says.zh}{zh}", f"{says.en} {en}")


def words_of(series: Series, planned: Planned) -> Words | None:
    """Beside its day, which is not said again. None: as the rule has it."""
    zh_rule, en_rule, elsewhere = _zh(planned.rule_day), _en(planned.rule_day), planned.day != planned.rule_day
    holiday = planned.holiday or "节假日"
    match planned.verdict:
        case Verdict.SERVED:
            return None
        case Verdict.MOVED if elsewhere:
            return Words(f"由{zh_rule}改到这天。", f"Moved from {en_rule} to this day.")
        case Verdict.MOVED:
            return Words("本次改了时间。", "At another time than usual.")
        case Verdict.HOLIDAY_MOVED:
            return Words(
                f"{zh_rule}是{holiday}，顺延到这天。",
                f"{en_rule} is a public holiday; the visit is moved to this day.",
            )
        case Verdict.HOLIDAY_DROPPED:
            return Words(f"{holiday}，本次取消。", "A public holiday; there is no visit.")
        case Verdict.SKIPPED:
            return Words("本次已取消。", "This visit is cancelled.")
        case Verdict.MERGED if elsewhere:
            return Words(
                f"{zh_rule}的也在这天，合并为一次。",
                f"That of {en_rule} falls on this day, which has a visit already.",
            )
        case Verdict.MERGED:
            return Words("这天另有一次，合并为一次。", "This day has another visit already.")
        case Verdict.PAUSED:
            return Words("在暂停期间，不安排。", "The visits are paused.")
        case Verdict.ENDED:
            reason = "补贴到期" if series.end_reason is EndReason.ENTITLEMENT else "服务已结束"
            return Words(f"{reason}，不再安排。", "The visits have ended.")


def _text(words: Words) -> Text:
    return Text(words.zh, words.en)


def _zh(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _en(day: date) -> str:
    return f"{day.day} {day:%B}"
