"""Rows of orders, visits and dishes, read and written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.catalogue.model import CancelFee, Unit, Words
from services.catalogue.subsidies.model import Subsidy
from services.orders.model import Order, OrderedDish, Person, Visit
from services.orders.states import OrderState, VisitState
from services.places import Location

_SAME = (
    "id", "version", "region_code", "service_code", "service_version", "offer_version", "day", "wished_from",
    "wished_until", "duration_min", "second_after_min", "worker_sex", "urgent", "quantity", "price_fen",
    "cancel_fee_fen", "kitchen_id", "series_id", "note", "placed_by", "placed_at",
)  # fmt: skip
ORDER_COLUMNS = (
    *_SAME, "state", "elder_id", "elder_name", "provider_id", "provider_name", "area", "lat", "lon", "service_name_zh",
    "service_name_en", "unit", "skills", "certificates", "total_fen", "cancel_fees", "kitchen_lat", "kitchen_lon",
    "usual_worker_ids", "subsidies", "subsidy_fen",
)  # fmt: skip
_VISIT_SAME = (
    "id", "position", "sets_out_at", "starts_at", "ends_at", "picks_up", "told_starts_at", "offer_expires_at", "locked",
    "waits_because",
)  # fmt: skip
VISIT_COLUMNS = (*_VISIT_SAME, "state", "order_id", "worker_id", "worker_name", "refused_worker_ids")


def _place(lat: float | None, lon: float | None) -> Location | None:
    return None if lat is None or lon is None else Location(lat=lat, lon=lon)


def visit_of(row: Mapping[str, Any]) -> Visit:
    kept = {name: row[name] for name in _VISIT_SAME}
    return Visit(
        **kept,
        state=VisitState(row["state"]),
        worker=Person(row["worker_id"], row["worker_name"]) if row["worker_id"] else None,
        refused_worker_ids=tuple(row["refused_worker_ids"]),
    )


def _subsidy_of(kept: Mapping[str, Any]) -> Subsidy:
    award_id = kept["award_id"]
    read = {"name": Words(**kept["name"]), "award_id": UUID(award_id) if award_id else None}
    return Subsidy(**{**kept, **read})


def _subsidy_kept(subsidy: Subsidy) -> dict[str, Any]:
    return asdict(subsidy) | {"award_id": str(subsidy.award_id) if subsidy.award_id else None}


def dish_of(row: Mapping[str, Any]) -> OrderedDish:
    kept = {name: row[name] for name in ("dish_id", "price_fen", "portions", "fresh_min")}
    return OrderedDish(**kept, name=Words(row["name_zh"], row["name_en"]))


def orders_of(
    orders: Iterable[Mapping[str, Any]],
    visits: Iterable[Mapping[str, Any]],
    dishes: Iterable[Mapping[str, Any]],
    refused: Mapping[UUID, tuple[UUID, ...]],
) -> list[Order]:
    """In the order of `orders`; visits and dishes in theirs. :param refused: elder → whom she never wants again"""
    own_visits: defaultdict[UUID, list[Visit]] = defaultdict(list)
    own_dishes: defaultdict[UUID, list[OrderedDish]] = defaultdict(list)
    for row in visits:
        own_visits[row["order_id"]].append(visit_of(row))
    for row in dishes:
        own_dishes[row["order_id"]].append(dish_of(row))
    return [
        _order(row, own_visits[row["id"]], own_dishes[row["id"]], refused.get(row["elder_id"], ())) for row in orders
    ]


def _order(row: Mapping[str, Any], visits: list[Visit], dishes: list[OrderedDish], refused: tuple[UUID, ...]) -> Order:
    kept = {name: row[name] for name in _SAME}
    return Order(
        **kept,
        state=OrderState(row["state"]),
        elder=Person(row["elder_id"], row["elder_name"]),
        provider=Person(row["provider_id"], row["provider_name"]),
        place=_place(row["lat"], row["lon"]),
        service_name=Words(row["service_name_zh"], row["service_name_en"]),
        unit=Unit(row["unit"]),
        skills=tuple(row["skills"]),
        certificates=tuple(row["certificates"]),
        refused_worker_ids=refused,
        usual_worker_ids=tuple(row["usual_worker_ids"]),
        cancel_fees=tuple(CancelFee(**fee) for fee in row["cancel_fees"]),
        kitchen_place=_place(row["kitchen_lat"], row["kitchen_lon"]),
        subsidies=tuple(_subsidy_of(kept) for kept in row["subsidies"]),
        visits=tuple(visits),
        dishes=tuple(dishes),
    )


def order_values(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in (*_SAME, "state", "area", "unit", "total_fen", "subsidy_fen")} | {
        "elder_id": order.elder.id,
        "elder_name": order.elder.name,
        "provider_id": order.provider.id,
        "provider_name": order.provider.name,
        "lat": order.place.lat if order.place else None,
        "lon": order.place.lon if order.place else None,
        "service_name_zh": order.service_name.zh,
        "service_name_en": order.service_name.en,
        "skills": list(order.skills),
        "certificates": list(order.certificates),
        "usual_worker_ids": list(order.usual_worker_ids),
        "cancel_fees": Jsonb([asdict(fee) for fee in order.cancel_fees]),
        "subsidies": Jsonb([_subsidy_kept(one) for one in order.subsidies]),
        "kitchen_lat": order.kitchen_place.lat if order.kitchen_place else None,
        "kitchen_lon": order.kitchen_place.lon if order.kitchen_place else None,
    }


def visit_values(order: Order, visit: Visit) -> dict[str, Any]:
    return {name: getattr(visit, name) for name in (*_VISIT_SAME, "state")} | {
        "order_id": order.id,
        "worker_id": visit.worker.id if visit.worker else None,
        "worker_name": visit.worker.name if visit.worker else None,
        "refused_worker_ids": list(visit.refused_worker_ids),
    }
