"""What recurring orders have to say, and to whom. Pure."""

from datetime import datetime

from contracts.series import PaysOnSeries, SeriesDateRefused, SeriesPriceChanges, SeriesSubsidyEnds, SeriesSubsidyFalls
from services.business_day import business_day
from services.notify import words
from services.notify.model import Audience, Message, NoticeKind, Said

OfSeries = SeriesDateRefused | SeriesPriceChanges | SeriesSubsidyEnds | SeriesSubsidyFalls


def decide(event: OfSeries, *, now: datetime) -> list[Message]:
    """The same event tells the same, once: its key holds the happening, not when it was heard."""
    if isinstance(event, SeriesPriceChanges):
        key = f"{event.series_id}:{event.from_day}:{event.price_fen}"
        return [_message(Audience.FAMILY, NoticeKind.PRICE_CHANGES, _price_changes(event, now), key)]
    if isinstance(event, SeriesSubsidyEnds):
        key = f"{event.series_id}:{event.from_day}:{','.join(one.zh for one in event.subsidies)}"
        return [_message(Audience.FAMILY, NoticeKind.SUBSIDY_ENDS, _subsidy_ends(event, now), key)]
    if isinstance(event, SeriesSubsidyFalls):
        key = f"{event.series_id}:{event.from_day}:{event.subsidy.zh}:{_pays(event.pays, event.unit).zh}"
        return [_message(Audience.FAMILY, NoticeKind.SUBSIDY_FALLS, _subsidy_falls(event, now), key)]
    key = f"{event.series_id}:{event.day}:{event.code}:{'waits' if event.tried_again else 'ends'}"
    told = [_message(Audience.FAMILY, NoticeKind.NOT_BOOKED, _not_booked(event, now), key)]
    if not event.tried_again:
        told.append(_message(Audience.ON_DUTY, NoticeKind.NOT_BOOKED, _nobody_comes(event, now), key))
    return told


def _message(to: Audience, kind: NoticeKind, said: Said, key: str) -> Message:
    return Message(to=to, kind=kind, said=said, told_once=key)


def _not_booked(event: SeriesDateRefused, now: datetime) -> Said:
    """`王秀英12月3日周四的送午餐还没约上：食堂目前不供餐，请选择其他食堂。到那天以前每天会再试。`"""
    what = _what(event, now)
    if event.tried_again:
        return Said(
            f"{what.zh}还没约上：{event.says.zh}到那天以前每天会再试。",
            f"{what.en} is not booked yet. {event.says.en} It is tried again every day until then.",
        )
    return Said(f"{what.zh}没有约上：{event.says.zh}", f"{what.en} is not booked. {event.says.en}")


def _nobody_comes(event: SeriesDateRefused, now: datetime) -> Said:
    what = _what(event, now)
    return Said(
        f"{what.zh}没有约上，不会有人上门：{event.says.zh}请联系老人或家属，看要不要另作安排。",
        f"{what.en} is not booked, nobody will come. {event.says.en} Please ask her or the family what is needed.",
    )


def _what(event: SeriesDateRefused, now: datetime) -> Said:
    name, day = event.service_name, words.on_day(event.day, business_day(now))
    return Said(f"{event.elder.name}{day.zh}的{name.zh}", f"{name.en} for {event.elder.name} {day.en}")


def _price_changes(event: SeriesPriceChanges, now: datetime) -> Said:
    name, day = event.service_name, words.on_day(event.from_day, business_day(now))
    before, after = words.yuan(event.price_fen_before), words.yuan(event.price_fen)
    return Said(
        f"{event.elder.name}定期的{name.zh}，从{day.zh}起单价由 {before} 改为 {after}。"
        "已约好的按原价；不想继续，可以随时改或停。",
        f"{name.en} for {event.elder.name}, which repeats: {day.en} the price changes from {before} to {after}."
        " What is booked already keeps its price, and you can change or end it at any time.",
    )


def _subsidy_ends(event: SeriesSubsidyEnds, now: datetime) -> Said:
    name, day = event.service_name, words.on_day(event.from_day, business_day(now))
    ends = Said("、".join(one.zh for one in event.subsidies), " and ".join(one.en for one in event.subsidies))
    said = Said(
        f"{event.elder.name}定期的{name.zh}，从{day.zh}起不再有{ends.zh}。",
        f"{name.en} for {event.elder.name}, which repeats: {day.en} {ends.en} no longer pays for it.",
    )
    if event.goes_on:
        return Said(
            f"{said.zh}之后照常上门，由您全付；想到期就停，请在定期服务里改。",
            f"{said.en} It goes on as usual and you pay; if it is to stop then, say so on its page.",
        )
    return Said(
        f"{said.zh}按您的选择，到期就停；想自费继续，请在定期服务里改。",
        f"{said.en} As you chose, it stops then; if it is to go on and you pay, say so on its page.",
    )


UNITS = {
    "visit": Said("次", "visit"),
    "hour": Said("小时", "hour"),
    "portion": Said("份", "portion"),
    "day": Said("天", "day"),
    "month": Said("月", "month"),
}


def _subsidy_falls(event: SeriesSubsidyFalls, now: datetime) -> Said:
    """`王秀英定期的送午餐，从12月22日周二起高龄助餐补贴有变：原来每份补 ¥8.00，改为每份补 ¥5.00，其余由您付。…`"""
    name, day = event.service_name, words.on_day(event.from_day, business_day(now))
    before, after = _pays(event.pays_before, event.unit), _pays(event.pays, event.unit)
    return Said(
        f"{event.elder.name}定期的{name.zh}，从{day.zh}起{event.subsidy.zh}有变：原来{before.zh}，改为{after.zh}，"
        "其余由您付。已约好的补贴不变；不想继续，可以随时改或停。",
        f"{name.en} for {event.elder.name}, which repeats: {day.en} {event.subsidy.en} pays less: {after.en}."
        f" Until then it pays {before.en}. You pay the rest. What is booked already stays as it is, and you can change"
        " or end it at any time.",
    )


def _pays(pays: PaysOnSeries, unit: str) -> Said:
    """`每份补 ¥8.00，每天最多 1 份，每月最多 ¥300.00`"""
    of = UNITS.get(unit, Said("次", "time"))
    if pays.unit_fen is not None:
        sum_ = words.yuan(pays.unit_fen)
        parts = [Said(f"每{of.zh}补 {sum_}", f"{sum_} for each {of.en}")]
    elif pays.percent is not None:
        parts = [Said(f"补 {pays.percent}%", f"{pays.percent}% of the price")]
    else:
        parts = [Said("全额补", "the whole price")]
    for count, zh, en in ((pays.units_a_day, "天", "day"), (pays.units_a_month, "月", "month")):
        if count is not None:
            counted = f"{count} {of.en}{'' if count == 1 else 's'}"
            parts.append(Said(f"每{zh}最多 {count} {of.zh}", f"at most {counted} a {en}"))
    if pays.monthly_fen is not None:
        most = words.yuan(pays.monthly_fen)
        parts.append(Said(f"每月最多 {most}", f"at most {most} a month"))
    return Said("、".join(one.zh for one in parts), ", ".join(one.en for one in parts))
