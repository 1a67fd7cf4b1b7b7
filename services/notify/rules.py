"""Which move concerns whom: from what the people around an order know already, and its next move. Pure.

It goes by the states of the visits, not by the names of moves: whatever led there, people are told where it stands.
"""

from datetime import datetime
from uuid import UUID

from contracts.order import OrderMoved, OrderView, VisitView
from services.notify import sentences, sentences_staff
from services.notify.model import (
    Audience,
    Message,
    NoticeKind,
    OrderKnown,
    Said,
    Terms,
    VisitKnown,
)
from services.notify.rules_visit import NOBODY_YET, OF_A_SERIES, RESCHEDULE, VisitStep, key
from services.notify.scene import Scene

HOLDS_WHILE: dict[NoticeKind, frozenset[str]] = {
    NoticeKind.LOOKING: NOBODY_YET,
    NoticeKind.WAITS: frozenset({"waiting"}),
    NoticeKind.AGREED: frozenset({"accepted"}),
    NoticeKind.WORKER_CHANGED: frozenset({"accepted"}),
    NoticeKind.ON_THE_WAY: frozenset({"on_the_way"}),
    NoticeKind.BEGUN: frozenset({"in_service"}),
}
"""The states of the visit in which a notice that is held stays true; out of them it is dropped untold."""


def decide(known: OrderKnown, event: OrderMoved, *, now: datetime, terms: Terms) -> tuple[OrderKnown, list[Message]]:
    """What is known afterwards, and who is told what. A version that is known changes nothing."""
    order = event.order
    if order.version <= known.version:
        return known, []
    scene, visits, told = Scene(event=event, now=now), dict(known.visits), list[Message]()
    told += _of_order(scene, known)
    for visit in order.visits:
        step = VisitStep(scene, terms, visit, visits.get(visit.id, VisitKnown()))
        visits[visit.id] = step.taken(first_to_begin=_first_to_begin(order, visit))
        told += step.told
    known = OrderKnown(version=order.version, state=order.state, wished_from=order.wished_from, visits=visits)
    return known, _once(told)


def outdated(order: OrderView) -> list[tuple[NoticeKind, UUID]]:
    """Of which visits which notices, if still held, have stopped being true."""
    return [
        (kind, visit.id) for visit in order.visits for kind, states in HOLDS_WHILE.items() if visit.state not in states
    ]


def _once(told: list[Message]) -> list[Message]:
    """Two visits of one order that end alike in one move are one notice to whoever hears of both."""
    return list({(message.told_once, message.to, message.worker_id): message for message in told}.values())


def _first_to_begin(order: OrderView, visit: VisitView) -> bool:
    return not any(other.id != visit.id and other.state in ("in_service", "done") for other in order.visits)


def _of_order(scene: Scene, known: OrderKnown) -> list[Message]:
    order = scene.order

    def to(audience: Audience, kind: NoticeKind, said: Said) -> Message:
        return Message(to=audience, kind=kind, said=said, told_once=key(scene, kind))

    if scene.event.move == RESCHEDULE and scene.event.reason == OF_A_SERIES and not _expected(known):
        return []  # nobody was said to come, and who changed the series has read what that does
    if scene.event.move == RESCHEDULE and known.wished_from:
        return [to(Audience.FAMILY, NoticeKind.TIME_CHANGED, sentences.rescheduled(scene, known.wished_from))]
    if order.state == known.state:
        return []
    if order.state == "placed" and known.version == 0 and order.series_id is None:
        return [to(Audience.FAMILY, NoticeKind.PLACED, sentences.placed(scene))]
    if order.state == "done" and known.state != "disputed":
        last = max(order.visits, key=lambda visit: visit.ends_at or order.wished_from)
        return [to(Audience.FAMILY, NoticeKind.DONE, sentences.done(scene, last))]
    if order.state == "cancelled" and scene.life:
        said = sentences_staff.called_off(scene, _expected_at(scene, known), scene.life)
        asked = any(visit.asked for visit in known.visits.values())
        return [to(Audience.PROVIDER, NoticeKind.CANCELLED, said)] if asked else []
    if order.state == "cancelled":
        said = sentences.cancelled(scene, _expected_at(scene, known))
        told = [to(Audience.FAMILY, NoticeKind.CANCELLED, sentences.with_fee(scene, said))]
        if any(visit.asked for visit in known.visits.values()):
            told.append(to(Audience.PROVIDER, NoticeKind.CANCELLED, said))
        return told
    if order.state == "disputed":
        said = sentences_staff.disputed(scene)
        return [to(who, NoticeKind.DISPUTED, said) for who in (Audience.ON_DUTY, Audience.PROVIDER)]
    return []


def _expected(known: OrderKnown) -> bool:
    return any(visit.expected for visit in known.visits.values())


def _expected_at(scene: Scene, known: OrderKnown) -> datetime:
    """The begin that people were told."""
    told = [visit.expected_at for visit in known.visits.values() if visit.expected_at]
    return min(told, default=scene.order.wished_from)
