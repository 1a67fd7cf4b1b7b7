"""What is published about a move: the whole order, to everyone who follows orders. Pure."""

from backbone.bus import Record
from contracts import topics
from contracts.assignment import AssignmentRefused
from contracts.envelope import headers
from contracts.order import (
    DishOnOrder,
    NameOnOrder,
    OrderMoved,
    OrderView,
    PersonOnOrder,
    PlaceOnOrder,
    SubsidyOnOrder,
    VisitView,
)
from services.catalogue.model import Words
from services.catalogue.subsidies.model import Subsidy
from services.orders import rules
from services.orders.model import Entry, Order, OrderedDish, Person, Visit
from services.places import Location


def told(order: Order, entry: Entry) -> Record:
    event = OrderMoved(
        move=entry.move.value,
        visit_id=entry.visit_id,
        at=entry.at,
        actor_name=entry.by.name if entry.by else None,
        reason=entry.reason,
        taken_from=_person(entry.taken_from),
        order=shown(order),
    )
    return Record(
        topic=topics.ORDER.name,
        key=order.area,
        headers=headers(OrderMoved.TYPE, OrderMoved.SOURCE, event_id=f"{order.id}:{order.version}", at=entry.at),
        value=event.value(),
    )


def refused(event: AssignmentRefused) -> Record:
    return Record(
        topic=topics.ASSIGNMENT.name,
        key=event.area,
        headers=headers(event.TYPE, event.SOURCE, event_id=f"{event.proposal_id}:refused", at=event.at),
        value=event.value(),
    )


def shown(order: Order) -> OrderView:
    same = (
        "id", "version", "area", "region_code", "service_code", "service_version", "day", "wished_from",
        "wished_until", "duration_min", "second_after_min", "skills", "certificates", "worker_sex", "urgent",
        "quantity", "price_fen", "total_fen", "self_pay_fen", "cancel_fee_fen", "kitchen_id", "series_id", "placed_at",
        "usual_worker_ids", "refused_worker_ids",
    )  # fmt: skip
    return OrderView(
        **{name: getattr(order, name) for name in same},
        state=order.state.value,
        elder=PersonOnOrder(id=order.elder.id, name=order.elder.name),
        place=_place(order.place),
        provider=PersonOnOrder(id=order.provider.id, name=order.provider.name),
        service_name=_name(order.service_name),
        unit=order.unit.value,
        kitchen_place=_place(order.kitchen_place),
        dishes=tuple(_dish(dish) for dish in order.dishes),
        fresh_min=rules.fresh_min(order.dishes),
        subsidies=tuple(_subsidy(one) for one in order.subsidies),
        visits=tuple(_visit(visit) for visit in order.visits),
    )


def _subsidy(subsidy: Subsidy) -> SubsidyOnOrder:
    same = ("scheme_code", "scheme_version", "units", "fen", "award_id", "monthly_fen")
    return SubsidyOnOrder(**{name: getattr(subsidy, name) for name in same}, name=_name(subsidy.name))


def _visit(visit: Visit) -> VisitView:
    same = (
        "id", "position", "sets_out_at", "starts_at", "ends_at", "picks_up", "told_starts_at", "offer_expires_at",
        "locked", "refused_worker_ids", "waits_because",
    )  # fmt: skip
    kept = {name: getattr(visit, name) for name in same}
    return VisitView(**kept, state=visit.state.value, worker=_person(visit.worker))


def _person(person: Person | None) -> PersonOnOrder | None:
    return PersonOnOrder(id=person.id, name=person.name) if person else None


def _place(place: Location | None) -> PlaceOnOrder | None:
    return PlaceOnOrder(lat=place.lat, lon=place.lon) if place else None


def _name(words: Words) -> NameOnOrder:
    return NameOnOrder(zh=words.zh, en=words.en)


def _dish(dish: OrderedDish) -> DishOnOrder:
    return DishOnOrder(dish_id=dish.dish_id, name=_name(dish.name), price_fen=dish.price_fen, portions=dish.portions)
