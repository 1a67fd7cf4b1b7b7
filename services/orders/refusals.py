"""Why an order is not taken: each refusal says in both languages what is in the way and what can be done instead."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.business_day import ZONE
from services.catalogue.booking import Window
from services.catalogue.model import Words
from services.catalogue.rules import Reason
from services.errors import DomainError


class NotTaken(DomainError):
    """`says` holds the sentence in both languages."""

    status = 422

    def __init__(self, says: Words, **members: Any) -> None:
        super().__init__(says.en, says={"zh": says.zh, "en": says.en}, **members)


class PastTime(NotTaken):
    code = "orders.past_time"
    title = "That time is past: choose a later one"

    def __init__(self, earliest_at: datetime | None) -> None:
        zh, en = _earliest(earliest_at)
        super().__init__(Words(f"这个时间已经过去了。{zh}", f"That time is past. {en}"), earliest_at=_iso(earliest_at))


class NotSold(NotTaken):
    code = "orders.not_sold"
    title = "The city does not sell this service on that day: choose another day or service"

    def __init__(self, day: date) -> None:
        super().__init__(
            Words(
                f"{_day_zh(day)}没有这项服务，请换一天或选择其他服务。",
                f"This service is not sold on {day}. Please choose another day or another service.",
            )
        )


class NotForElder(NotTaken):
    """`reasons`: each a code and a sentence in both languages."""

    code = "orders.not_for_elder"
    title = "This elder may not have it: the reasons say why"

    def __init__(self, reasons: Sequence[Reason]) -> None:
        says = Words("".join(one.says.zh for one in reasons), " ".join(one.says.en for one in reasons))
        told = [{"code": one.code, "says": {"zh": one.says.zh, "en": one.says.en}} for one in reasons]
        super().__init__(says, reasons=told)


class NotOffered(NotTaken):
    code = "orders.not_offered"
    title = "This provider does not offer it there on that day: choose another provider"

    def __init__(self, provider: str, day: date) -> None:
        super().__init__(
            Words(
                f"{provider}在{_day_zh(day)}不在老人住处提供这项服务，请选择其他服务商。",
                f"{provider} does not offer this service at the elder's home on {day}. Please choose another provider.",
            )
        )


class ProviderNotServing(NotTaken):
    code = "orders.provider_not_serving"
    title = "This provider serves nobody at present: choose another one"

    def __init__(self, provider: str) -> None:
        super().__init__(
            Words(
                f"{provider}目前暂停服务，请选择其他服务商。",
                f"{provider} does not serve at present. Please choose another provider.",
            )
        )


class TooLate(NotTaken):
    """`taken_until` was the cut-off, `earliest_at` is the first moment still possible."""

    code = "orders.too_late"
    title = "Orders for that day are closed: choose a later day"

    def __init__(self, taken_until: datetime, earliest_at: datetime | None) -> None:
        zh, en = _earliest(earliest_at)
        super().__init__(
            Words(f"{_at_zh(taken_until)}已经截单。{zh}", f"Orders were taken until {_at_en(taken_until)}. {en}"),
            taken_until=_iso(taken_until),
            earliest_at=_iso(earliest_at),
        )


class TooFar(NotTaken):
    """`last_day` is the last one that can be ordered for."""

    code = "orders.too_far"
    title = "That day cannot be ordered for yet: choose an earlier one"

    def __init__(self, last_day: date) -> None:
        super().__init__(
            Words(
                f"最晚可预约到{last_day.year}年{_day_zh(last_day)}，请选择更早的一天。",
                f"Orders are taken until {last_day}. Please choose an earlier day.",
            ),
            last_day=last_day.isoformat(),
        )


class OutsideHours(NotTaken):
    """`windows` are those of that day, `earliest_at` is the first moment possible on any day."""

    code = "orders.outside_hours"
    title = "It cannot begin at that time: choose one of the windows"

    def __init__(self, windows: Sequence[Window], earliest_at: datetime | None) -> None:
        zh, en = _earliest(earliest_at)
        if windows:
            zh = f"当天可选{'、'.join(f'{_clock(one.begin)}–{_clock(one.end)}' for one in windows)}。"
            en = f"On that day it may begin {', '.join(f'{_clock(o.begin)}–{_clock(o.end)}' for o in windows)}."
        super().__init__(
            Words(f"这个时间不能预约。{zh}", f"It cannot begin at that time. {en}"),
            windows=[{"begin": _iso(one.begin), "end": _iso(one.end)} for one in windows],
            earliest_at=_iso(earliest_at),
        )


class PriceChanged(NotTaken):
    """`shown_fen` is what the page showed, `price_fen` what it costs."""

    code = "orders.price_changed"
    status = 409
    title = "The price is another one by now: look at it and confirm"

    def __init__(self, shown_fen: int, price_fen: int) -> None:
        super().__init__(
            Words(
                f"价格已由{_yuan(shown_fen)}变为{_yuan(price_fen)}，请确认新价格后再下单。",
                f"The price has changed from {_yuan(shown_fen)} to {_yuan(price_fen)}. Please confirm the new one.",
            ),
            shown_fen=shown_fen,
            price_fen=price_fen,
        )


class SlotTaken(NotTaken):
    """`nearest`: two times at most at which somebody can come, of that day or of the days after it."""

    code = "orders.slot_taken"
    status = 409
    title = "Nobody can come at that time any more: take one of the nearest, or order all the same and wait"

    def __init__(self, at: datetime, nearest: Sequence[datetime]) -> None:
        zh, en = "和".join(_at_zh(one) for one in nearest), " and ".join(_at_en(one) for one in nearest)
        zh = f"离得最近、有人能来的时间是{zh}。" if nearest else "这几天没有找到别的有人能来的时间。"
        en = f"The nearest times with somebody free: {en}." if nearest else "No other free time was found these days."
        says = Words(
            f"{_at_zh(at)}刚刚被约走了。{zh}您也可以仍按原来的时间下单，等平台找人。",
            f"{_at_en(at)} has just been taken. {en} You can also keep your time and wait until somebody is found.",
        )
        super().__init__(says, nearest=[one.isoformat() for one in nearest])


class AlreadyOrdered(NotTaken):
    """`order_id` names the other order."""

    code = "orders.already_ordered"
    status = 409
    title = "The same is ordered for this elder at this time already"

    def __init__(self, order_id: UUID, elder: str, at: datetime, by: str | None) -> None:
        who_zh, who_en = (f"（{by}）", f" by {by}") if by else ("", "")
        super().__init__(
            Words(
                f"{elder}在{_at_zh(at)}已经订了这项服务{who_zh}，请查看那张订单，或换一个时间。",
                f"This service is ordered for {elder} at {_at_en(at)} already{who_en}. Please look at that order, or"
                " choose another time.",
            ),
            order_id=str(order_id),
        )


class KitchenClosed(NotTaken):
    code = "orders.kitchen_closed"
    title = "This kitchen is closed: choose another one"

    def __init__(self, kitchen: str) -> None:
        super().__init__(
            Words(f"{kitchen}目前不供餐，请选择其他食堂。", f"{kitchen} is closed. Please choose another kitchen.")
        )


class OutsideKitchen(NotTaken):
    code = "orders.outside_kitchen"
    title = "This kitchen does not deliver there: choose another one"

    def __init__(self, kitchen: str) -> None:
        super().__init__(
            Words(
                f"{kitchen}不送到老人的住址，请选择其他食堂。",
                f"{kitchen} does not deliver to the elder's address. Please choose another kitchen.",
            )
        )


class NotOnMenu(NotTaken):
    """`dish_ids` are not on it."""

    code = "orders.not_on_menu"
    title = "The menu of that day does not have this dish: choose from the menu"

    def __init__(self, dish_ids: Sequence[UUID]) -> None:
        super().__init__(
            Words(
                "所选的菜不在当天的菜单上，请重新选择。",
                "A chosen dish is not on the menu of that day. Please choose again.",
            ),
            dish_ids=[str(one) for one in dish_ids],
        )


class DishRefused(NotTaken):
    """`reasons`: each a code (`allergy`, `allergy_ask`) and a sentence in both languages."""

    code = "orders.dish_refused"
    title = "A dish meets an allergy of the elder: choose another one"

    def __init__(self, reasons: Sequence[Reason]) -> None:
        says = Words(
            "".join(one.says.zh for one in reasons) + "请换一道菜。",
            " ".join(one.says.en for one in reasons) + " Please choose another dish.",
        )
        told = [{"code": one.code, "says": {"zh": one.says.zh, "en": one.says.en}} for one in reasons]
        super().__init__(says, reasons=told)


class SoldOut(NotTaken):
    """`left` portions of `dish_id` can still be had."""

    code = "orders.sold_out"
    status = 409
    title = "There are not enough portions left: take fewer, or another dish"

    def __init__(self, dish_id: UUID, name: Words, left: int) -> None:
        says = (
            Words(
                f"{name.zh}只剩{left}份，请减少份数或换一道菜。",
                f"Only {left} of {name.en} left. Please take fewer, or another dish.",
            )
            if left
            else Words(f"{name.zh}已经售完，请换一道菜。", f"{name.en} is sold out. Please choose another dish.")
        )
        super().__init__(says, dish_id=str(dish_id), left=left)


class BadOrder(DomainError):
    """`field` names what is wrong."""

    code = "orders.bad_order"
    status = 422
    title = "An order cannot be like this"


def _earliest(at: datetime | None) -> tuple[str, str]:
    if at is None:
        return (
            "最近三个月都不能预约，请联系呼叫中心。",
            "Nothing is free for three months; please call the call centre.",
        )
    return f"最早可预约{_at_zh(at)}。", f"The earliest possible time is {_at_en(at)}."


def _day_zh(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _at_zh(at: datetime) -> str:
    return f"{_day_zh(at.astimezone(ZONE).date())}{_clock(at)}"


def _at_en(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _clock(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%H:%M}"


def _yuan(fen: int) -> str:
    return f"¥{fen / 100:.2f}"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
