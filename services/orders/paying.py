"""Who pays what of an order: worked out when it is asked for, and kept on it when it is placed. Pure."""

from datetime import date

from services.catalogue.model import ServiceVersion, Words
from services.catalogue.subsidies.model import Subsidy
from services.catalogue.subsidies.rules import Claim, Purse, split
from services.elders.model import Elder
from services.orders.model import Order
from services.orders.refusals import NotTaken


class PayersChanged(NotTaken):
    """`shown_fen` is what the family was to pay as the page showed it, `self_pay_fen` what it pays by now."""

    code = "orders.payers_changed"
    status = 409
    title = "The family pays another sum by now: look at it and confirm"

    def __init__(self, shown_fen: int, self_pay_fen: int) -> None:
        shown, now = f"¥{shown_fen / 100:.2f}", f"¥{self_pay_fen / 100:.2f}"
        super().__init__(
            Words(
                f"补贴有变化，您支付的金额由{shown}变为{now}，请确认后再提交。",
                f"The subsidy is another one by now: you pay {now} instead of {shown}. Please confirm it.",
            ),
            shown_fen=shown_fen,
            self_pay_fen=self_pay_fen,
        )


def claims_of(purse: Purse, elder: Elder, service: ServiceVersion, day: date) -> list[Claim]:
    return purse.claims(elder, service.code, service.terms, day)


def subsidies_of(
    purse: Purse, elder: Elder, service: ServiceVersion, day: date, *, price_fen: int, quantity: int
) -> tuple[Subsidy, ...]:
    claims = claims_of(purse, elder, service, day)
    return split(claims, purse, price_fen=price_fen, quantity=quantity, day=day) if claims else ()


def check_shown(order: Order, shown_fen: int | None) -> Order:
    """:param shown_fen: what the family was to pay; None: whatever it is :raises PayersChanged:"""
    if shown_fen not in (None, order.self_pay_fen):
        raise PayersChanged(shown_fen or 0, order.self_pay_fen)
    return order
