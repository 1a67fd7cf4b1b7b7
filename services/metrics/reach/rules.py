"""Who is on duty at a full hour and may give which service where. Pure.

Reach, not answer time: whether somebody is busy is not asked, nor whether the service is meant for this elder.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.catalogue.kitchens import SERVICE_OF, Kitchen, Menu
from services.catalogue.model import OfferVersion, ServiceTerms, ServiceVersion
from services.catalogue.rules import in_force, price_on, terms_on
from services.metrics.reach.model import WITHIN_MIN, Duty, Hour, Kind, Km, OnDuty, Regions
from services.providers.model import Provider
from services.providers.shifts.model import Schedule
from services.providers.shifts.rules import Calendar, working_intervals
from services.providers.workers.model import Break, Worker, WorkerState

Services = Mapping[str, Sequence[ServiceVersion]]
A_DAY = timedelta(days=1)
ROUNDED = 2
"""Decimals of degrees that are kept of a base: a square of about a kilometre, and no home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """All that decides who serves, as it stands now."""

    services: Services
    providers: Sequence[Provider]
    offers: Sequence[OfferVersion]
    kitchens: Sequence[Kitchen]
    menus: Sequence[Menu]
    """Of that day."""
    workers: Sequence[Worker]
    schedules: Mapping[UUID, Schedule]


def duty_of(staff: Staff, hour: Hour, calendar: Calendar) -> Duty:
    sold = open_services(staff.services, hour)
    offered = offered_on(staff, sold, hour.day)
    providers = {one.id: one for one in staff.providers}
    on_duty, without_base = list[OnDuty](), 0
    for worker in sorted(staff.workers, key=lambda one: (str(one.provider_id), str(one.id))):
        provider = providers.get(worker.provider_id)
        if provider is None or not worker.paid or worker.state is not WorkerState.ACTIVE:
            continue
        own = offered.get(provider.id, {})
        gives = {
            code: regions
            for code, offer_regions in own.items()
            if may_give(worker, sold[code], hour.day)
            if (regions := both(both(worker.areas or ("",), provider.region_codes), offer_regions))
        }
        if not gives or not works_at(staff.schedules.get(worker.id, Schedule()), worker.breaks, hour, calendar):
            continue
        if worker.base is None:
            without_base += 1
            continue
        on_duty.append(
            OnDuty(
                worker_id=worker.id,
                provider_id=provider.id,
                mode=worker.travel_mode.value,
                lat=worker.base.lat,
                lon=worker.base.lon,
                gives=gives,
            )
        )
    kinds = {code: Kind(terms.category, terms.workers) for code, terms in sorted(sold.items())}
    where = {code: tuple(sorted({one for own in offered.values() for one in own.get(code, ())})) for code in kinds}
    return Duty(hour=hour, kinds=kinds, offered=where, on_duty=tuple(on_duty), without_base=without_base)


def open_services(services: Services, hour: Hour) -> dict[str, ServiceTerms]:
    """Those the city sells that may begin at this hour."""
    minute, weekday = hour.of_day * 60, hour.day.isoweekday()
    found = {code: terms for code, versions in services.items() if (terms := terms_on(versions, hour.day))}
    return {
        code: terms
        for code, terms in found.items()
        if any(weekday in one.weekdays and one.begin_min <= minute < one.end_min for one in terms.openings)
    }


def offered_on(staff: Staff, sold: Mapping[str, ServiceTerms], day: date) -> dict[UUID, dict[str, Regions]]:
    """Provider → service → where it is offered at a price that holds; a meal: where a kitchen delivers it that day."""
    serving = {one.id for one in staff.providers if one.serves_on(day)}
    versions: dict[tuple[UUID, str], list[OfferVersion]] = {}
    for offer in staff.offers:
        if offer.provider_id in serving and offer.service_code in sold:
            versions.setdefault((offer.provider_id, offer.service_code), []).append(offer)
    found: dict[UUID, dict[str, Regions]] = {}
    for (provider_id, code), own in versions.items():
        now = in_force(own, day)
        if now is not None and price_on(own, staff.services[code], day) is not None:
            found.setdefault(provider_id, {})[code] = now.region_codes
    for provider_id in serving:
        own_meals = cooked(staff, provider_id)
        for code in (one for one in SERVICE_OF.values() if one in sold):
            found.setdefault(provider_id, {}).pop(code, None)
            if own_meals[code]:
                found[provider_id][code] = own_meals[code]
    return found


def cooked(staff: Staff, provider_id: UUID) -> dict[str, Regions]:
    """Service of a meal → where the provider's open kitchens deliver it by their menus of the day."""
    menus = {one.kitchen_id: {item.meal for item in one.items} for one in staff.menus}
    own = [one for one in staff.kitchens if one.provider_id == provider_id and one.open]
    return {
        code: tuple(sorted({region for one in own if meal in menus.get(one.id, ()) for region in one.region_codes}))
        for meal, code in SERVICE_OF.items()
    }


def may_give(worker: Worker, terms: ServiceTerms, day: date) -> bool:
    """They have each skill, and each certificate valid on that day."""
    return set(terms.skills) <= set(worker.skills) and all(worker.holds(kind, day) for kind in terms.certificates)


def works_at(schedule: Schedule, breaks: Iterable[Break], hour: Hour, calendar: Calendar) -> bool:
    """Within their hours at this moment, also of a shift that began yesterday, and not surely in a break."""
    for day in (hour.day - A_DAY, hour.day):
        minute = hour.minute_after(day)
        if any(one.from_min <= minute < one.to_min for one in working_intervals(schedule, day, calendar)):
            return not any(surely_in(one, minute) for one in breaks)
    return False


def surely_in(pause: Break, minute: int) -> bool:
    """However late it was begun, and however early: of a break that may lie elsewhere nobody knows."""
    return pause.to_min <= minute < pause.from_min + pause.duration_min


def both(some: Iterable[str], others: Iterable[str]) -> Regions:
    """What lies in one of each: the longer prefix of two, of which one begins with the other. Sorted, none twice."""
    others = tuple(others)
    return tuple(sorted({max(one, other, key=len) for one in some for other in others if _nested(one, other)}))


def _nested(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def concerns(gives: Mapping[str, Sequence[str]], region: str) -> bool:
    """Somebody who serves in any part of a region."""
    return any(_nested(code, region) for regions in gives.values() for code in regions)


def said(duty: Duty, km: Km) -> str:
    """The inputs of an hour in one text, the same for the same: of this a digest is kept with each fact."""
    hour = float(duty.hour.of_day)
    return json.dumps(
        {
            "at": duty.hour.at.isoformat(),
            "within_min": WITHIN_MIN,
            "km": {mode: round(km(mode, hour, WITHIN_MIN), 3) for mode in sorted({one.mode for one in duty.on_duty})},
            "services": {code: [kind.category, kind.workers] for code, kind in duty.kinds.items()},
            "offered": {code: list(regions) for code, regions in sorted(duty.offered.items())},
            "without_base": duty.without_base,
            "on_duty": [
                {
                    "worker_id": str(one.worker_id),
                    "provider_id": str(one.provider_id),
                    "mode": one.mode,
                    "lat": round(one.lat, ROUNDED),
                    "lon": round(one.lon, ROUNDED),
                    "gives": {code: list(regions) for code, regions in sorted(one.gives.items())},
                }
                for one in duty.on_duty
            ],
        },
        separators=(",", ":"),
        sort_keys=True,
    )
