"""Who may move what, what it costs to cancel, whose clock counts. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from services.accounts.permissions import Role
from services.catalogue.model import CancelFee, ServiceTerms, Unit
from services.errors import DomainError
from services.orders.model import Order, OrderedDish
from services.orders.states import OrderMove, OrderState, VisitMove

LATEST = timedelta(minutes=30)
"""Who names no latest time is content when it begins so much after the earliest."""
AHEAD, BEHIND = timedelta(minutes=5), timedelta(hours=12)
"""A device's time may be so far ahead of ours, for its clock, and so far behind, for it was without network."""
BEFORE_PLACED = timedelta(minutes=5)


class NotYours(DomainError):
    """`move` is what was asked for."""

    code = "orders.not_yours"
    status = 403
    title = "Somebody else makes this move; ask the call centre"


class NotWithYou(DomainError):
    """Of a visit that this worker has had. `taken_by` names who has it now; None: nobody yet."""

    code = "orders.not_with_you"
    status = 409
    title = "This visit is no longer yours: do not go"


class FeeChanged(DomainError):
    """`fee_fen` is what it costs now."""

    code = "orders.fee_changed"
    status = 409
    title = "Cancelling costs something else by now: look at the fee and confirm it"


class MovedMeanwhile(DomainError):
    """`wished_from` is the time that it has now."""

    code = "orders.moved_meanwhile"
    status = 409
    title = "Somebody else has moved it to another time meanwhile: look at it and confirm"

    def __init__(self, wished_from: datetime) -> None:
        says = {"zh": "这张订单刚刚被别人改了时间，请看一下新的时间再确认。", "en": f"{self.title}."}
        super().__init__(says["en"], says=says, wished_from=wished_from.isoformat())


class ReasonNeeded(DomainError):
    code = "orders.reason_needed"
    status = 422
    title = "Say why: it is kept and shown to those concerned"


CALL_CENTRE = frozenset({Role.OPERATOR, Role.SUPERVISOR})
_SERVING = CALL_CENTRE | {Role.PROVIDER, Role.WORKER}

WHO: dict[VisitMove | OrderMove, frozenset[Role]] = {
    OrderMove.CANCEL: CALL_CENTRE | {Role.FAMILY},
    OrderMove.RESCHEDULE: CALL_CENTRE | {Role.FAMILY},
    OrderMove.DISPUTE: CALL_CENTRE | {Role.FAMILY},
    OrderMove.SETTLE: CALL_CENTRE,
    **dict.fromkeys((VisitMove.ACCEPT, VisitMove.DECLINE, VisitMove.SET_OUT, VisitMove.BEGIN, VisitMove.END), _SERVING),
    **dict.fromkeys((VisitMove.NOT_MET, VisitMove.INTERRUPT), _SERVING),
    VisitMove.MISS: CALL_CENTRE | {Role.PROVIDER},
    **dict.fromkeys(
        (VisitMove.ASSIGN, VisitMove.RELEASE, VisitMove.LOCK, VisitMove.UNLOCK), CALL_CENTRE | {Role.PROVIDER}
    ),
}
"""The rest the platform does itself."""

NEEDS_REASON = frozenset(
    {VisitMove.DECLINE, VisitMove.NOT_MET, VisitMove.INTERRUPT, VisitMove.MISS, OrderMove.DISPUTE, OrderMove.SETTLE}
)


def check_may(move: VisitMove | OrderMove, role: Role, reason: str | None) -> None:
    """:raises NotYours: :raises ReasonNeeded:"""
    if role not in WHO.get(move, frozenset()):
        raise NotYours(move=move)
    if move in NEEDS_REASON and not (reason and reason.strip()):
        raise ReasonNeeded


def check_unmoved(order: Order, seen_from: datetime | None) -> None:
    """:param seen_from: the time that it was shown with; None: whatever it is. :raises MovedMeanwhile:"""
    if seen_from not in (None, order.wished_from):
        raise MovedMeanwhile(order.wished_from)


def duration_min(terms: ServiceTerms, quantity: int) -> int:
    """Of each visit: hours and visits are done one after the other; of portions and days there is one visit."""
    return terms.duration_min * quantity if terms.unit in (Unit.HOUR, Unit.VISIT) else terms.duration_min


def fresh_min(dishes: Iterable[OrderedDish]) -> int | None:
    """The shortest limit among them; None: none has one."""
    return min((dish.fresh_min for dish in dishes if dish.fresh_min is not None), default=None)


def sum_of(dishes: Iterable[OrderedDish]) -> int:
    """Fen."""
    return sum(dish.price_fen * dish.portions for dish in dishes)


def fee_percent(fees: Iterable[CancelFee], notice_min: float) -> int:
    """What cancelling costs with so much notice; below 0: the wished time is past."""
    return max((fee.percent for fee in fees if notice_min < fee.notice_min), default=0)


def cancel_fee(order: Order, now: datetime) -> int:
    """Fen, rounded to the nearest. Nothing while nobody has it yet."""
    if order.state is OrderState.PLACED:
        return 0
    notice_min = (order.wished_from - now) / timedelta(minutes=1)
    return (order.total_fen * fee_percent(order.cancel_fees, notice_min) + 50) // 100


def fee_steps(order: Order) -> list[tuple[datetime, int]]:
    """From each moment on, what cancelling costs in fen, the earliest first; before the first of them nothing."""
    moments = sorted(order.wished_from - timedelta(minutes=fee.notice_min) for fee in order.cancel_fees)
    steps = []
    for at in moments:
        notice_min = (order.wished_from - at) / timedelta(minutes=1)
        percent = fee_percent(order.cancel_fees, notice_min - 1)
        steps.append((at, (order.total_fen * percent + 50) // 100))
    return steps[:1] + [after for before, after in pairwise(steps) if before[1] != after[1]]


def clock(device_at: datetime | None, order: Order, now: datetime) -> tuple[datetime, bool]:
    """When it was done, and whether the device's clock is not to be believed: then it was done now."""
    if device_at is None:
        return now, False
    earliest = max(now - BEHIND, order.placed_at - BEFORE_PLACED)
    if not earliest <= device_at <= now + AHEAD:
        return now, True
    return min(device_at, now), False
