"""The parts of `yian app`, and what it opens and closes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter

from backbone.bus import Bus
from backbone.connect import connect_bus
from backbone.process import spare_the_collector
from services.accounts import routes as account_routes
from services.accounts.changes import AccountChanges
from services.accounts.grants.routes import grant_routes
from services.accounts.guard import Guard
from services.accounts.known_browsers import KnownBrowsers
from services.accounts.passwords import Passwords
from services.alarms import routes as alarm_routes
from services.alarms import routes_notes, routes_sos
from services.assignment.client import DispatcherClient
from services.board.keeping import KeptTimes
from services.board.other_meals import OtherMeals
from services.board.routes import board_routes
from services.board.routes_slots import slot_routes
from services.board.times import FreeTimes
from services.board.ways import Ways
from services.catalogue.routes import catalogue_routes, elder_catalogue_routes
from services.catalogue.routes_kitchens import kitchen_routes
from services.catalogue.routes_menus import elder_menu_routes, menu_routes
from services.catalogue.routes_offers import offer_routes
from services.catalogue.subsidies.routes import award_routes, scheme_routes
from services.catalogue.subsidies.routes_awarded import awarded_routes
from services.console.alarm_path import AlarmPath
from services.console.feed import Feed
from services.console.presence import Presence
from services.console.routes import context_routes, feed_routes
from services.console.routes_supervision import supervision_routes
from services.db.doorbells import Doorbells
from services.db.pool import Database
from services.elders.elder_sheets.routes import elder_sheet_routes
from services.elders.finding import finding
from services.elders.life.routes import life_routes
from services.elders.routes import elder_routes, region_routes
from services.elders.routes_devices import device_routes
from services.elders.routes_photo import photo_routes
from services.elders.routes_profiles import registry_routes
from services.elders.vault import Vault, derive_key
from services.metrics.exports.routes import figure_export_routes
from services.metrics.reach.routes import reach_routes
from services.metrics.routes import figure_routes
from services.metrics.routes_missing import missing_routes
from services.metrics.stars.routes import star_routes
from services.notify.feed import CHANNEL as NOTICES
from services.notify.routes import notice_routes
from services.orders import calling_off, moving_house
from services.orders.city_rules.routes import city_rules_routes
from services.orders.feed import OrderFeed
from services.orders.refusing.routes import refusing_routes
from services.orders.routes import order_routes
from services.orders.routes_live import order_feed_routes, order_position_routes
from services.orders.routes_photo import order_photo_routes
from services.orders.routes_quote import quote_routes
from services.orders.routes_served import served_routes
from services.orders.routes_visits import visit_routes
from services.orders.series.routes import series_routes
from services.orders.store_lists import portions_taken
from services.orders.store_timers import PAGES
from services.orders.welfare import rules as welfare_rules
from services.orders.welfare.routes import welfare_routes
from services.photos.http import Darkroom
from services.providers.positions.routes import position_routes
from services.providers.routes import provider_routes
from services.providers.shifts.routes import shift_routes
from services.providers.shifts.routes_leave import leave_routes
from services.providers.staff_sheets.routes import staff_sheet_routes
from services.providers.workers.routes import worker_routes
from services.providers.workers.routes_photo import worker_photo_routes
from services.response.routes import escalation_routes
from services.settings import AppSettings, key_bytes
from services.telemetry import routes as telemetry_routes
from services.wiring.clock import utc_now
from services.wiring.inside_token import inside_token
from services.wiring.keep import Job, keep

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppParts:
    """Built without touching database or bus; `services.app` opens and closes them."""

    settings: AppSettings
    db: Database
    bus: Bus
    now: Clock
    vault: Vault
    passwords: Passwords
    browsers: KnownBrowsers
    guard: Guard
    changes: AccountChanges
    notice_rings: Doorbells
    path: AlarmPath
    feed: Feed
    orders: OrderFeed
    presence: Presence
    dispatcher: DispatcherClient


def app_parts(settings: AppSettings, *, now: Clock = utc_now, passwords: Passwords | None = None) -> AppParts:
    secret = key_bytes(settings.secret_key)
    db = Database(settings.database, connections=settings.database_connections, name=PAGES)
    bus = connect_bus(settings.bus, client="yian-app")
    path = AlarmPath(db, bus, now)
    return AppParts(
        settings=settings,
        db=db,
        bus=bus,
        now=now,
        vault=Vault(secret),
        passwords=passwords or Passwords(),
        browsers=KnownBrowsers(derive_key(secret, "known browsers")),
        guard=Guard(db, derive_key(secret, "session signature"), now),
        changes=AccountChanges(db),
        notice_rings=Doorbells(db, NOTICES),
        path=path,
        feed=Feed(db, path),
        orders=OrderFeed(db),
        presence=Presence(db),
        dispatcher=DispatcherClient(db, inside_token(secret)),
    )


def jobs(parts: AppParts) -> dict[str, Job]:
    """What runs beside the pages."""
    return {
        "order feed": parts.orders.run,
        "alarm path": parts.path.run,
        "account changes": parts.changes.run,
        "notices": parts.notice_rings.run,
    }


def console_jobs(parts: AppParts) -> dict[str, Job]:
    """What runs beside the consoles."""
    return {
        "feed": parts.feed.run,
        "alarm path": parts.path.run,
        "presence": parts.presence.run,
        "account changes": parts.changes.run,
    }


@asynccontextmanager
async def standing(parts: AppParts) -> AsyncIterator[None]:
    """Opens what the process stands on; waits for neither database nor bus."""
    await parts.db.open()
    try:
        yield
    finally:
        await parts.dispatcher.close()
        await parts.bus.close()
        await parts.db.close()


@asynccontextmanager
async def running(parts: AppParts, work: dict[str, Job]) -> AsyncIterator[None]:
    async with standing(parts):
        spare_the_collector()
        tasks = [asyncio.create_task(keep(name, job)) for name, job in work.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def console_routers(parts: AppParts) -> list[APIRouter]:
    return [feed_routes(parts.guard, parts.changes, parts.feed, parts.presence)]


def routers(parts: AppParts) -> list[APIRouter]:
    """The routes below /api/v1 but the consoles'."""
    darkroom = Darkroom()
    return [*_of_people(parts, darkroom), *_of_services(parts, darkroom)]


def _of_people(parts: AppParts, darkroom: Darkroom) -> list[APIRouter]:
    """Who may sign in, and who is cared for."""
    return [
        account_routes.routes(
            parts.db,
            parts.guard,
            parts.passwords,
            parts.browsers,
            cookie_secure=parts.settings.cookie_secure,
            call_centre_phone=parts.settings.call_centre_phone,
        ),
        grant_routes(parts.db, parts.guard, finding(parts.vault), parts.now),
        elder_routes(parts.db, parts.guard, parts.vault, parts.now),
        registry_routes(parts.db, parts.guard, parts.vault, parts.now, follow=moving_house.follow),
        life_routes(
            parts.db,
            parts.guard,
            parts.vault,
            parts.now,
            follow=calling_off.follow,
            would_follow=calling_off.would_follow,
        ),
        elder_sheet_routes(parts.db, parts.guard, parts.vault, parts.now, follow=moving_house.follow),
        photo_routes(parts.db, parts.guard, parts.vault, darkroom, parts.now),
        device_routes(parts.db, parts.guard),
        region_routes(parts.db, parts.guard),
    ]


def _of_services(parts: AppParts, darkroom: Darkroom) -> list[APIRouter]:
    """Who serves, what is ordered, and what is heard of it."""
    free = FreeTimes(parts.db, parts.vault, parts.now, parts.dispatcher)
    meals = OtherMeals(parts.db, parts.now, portions_taken, free)
    kept = KeptTimes(parts.db, parts.now, parts.dispatcher, free=free, meals=meals)
    return [
        provider_routes(parts.db, parts.guard),
        catalogue_routes(parts.db, parts.guard, parts.now),
        offer_routes(parts.db, parts.guard, parts.now),
        elder_catalogue_routes(parts.db, parts.guard, parts.vault, parts.now),
        scheme_routes(parts.db, parts.guard, parts.now),
        award_routes(parts.db, parts.guard, parts.now),
        awarded_routes(parts.db, parts.guard, parts.vault, parts.now),
        worker_routes(parts.db, parts.guard, parts.now),
        worker_photo_routes(parts.db, parts.guard, darkroom),
        kitchen_routes(parts.db, parts.guard),
        menu_routes(parts.db, parts.guard, parts.now),
        elder_menu_routes(parts.db, parts.guard, parts.vault, parts.now, portions_taken),
        shift_routes(parts.db, parts.guard, parts.now),
        leave_routes(parts.db, parts.guard, parts.now),
        staff_sheet_routes(parts.db, parts.guard),
        order_routes(parts.db, parts.guard, parts.vault, parts.now, kept),
        served_routes(parts.db, parts.guard),
        quote_routes(parts.db, parts.guard, parts.now),
        slot_routes(parts.guard, parts.now, free),
        board_routes(parts.db, parts.guard, parts.dispatcher),
        refusing_routes(parts.db, parts.guard, parts.now),
        visit_routes(parts.db, parts.guard, parts.now),
        series_routes(parts.db, parts.guard, parts.now),
        city_rules_routes(parts.db, parts.guard),
        welfare_routes(parts.db, parts.guard, parts.now),
        figure_routes(parts.db, parts.guard, parts.now),
        figure_export_routes(parts.db, parts.guard, parts.now),
        missing_routes(parts.db, parts.guard, parts.now, welfare_rules.SAYS, welfare_rules.NOT_ARRANGED),
        reach_routes(parts.db, parts.guard, parts.now),
        star_routes(parts.db, parts.guard, parts.now),
        supervision_routes(parts.db, parts.guard, parts.now),
        order_photo_routes(parts.db, parts.guard, parts.now),
        order_position_routes(parts.db, parts.guard, parts.now, Ways(parts.dispatcher).minutes),
        order_feed_routes(parts.db, parts.guard, parts.changes, parts.orders, parts.now),
        position_routes(parts.db, parts.guard, parts.now),
        telemetry_routes.routes(parts.db, parts.guard, parts.now),
        alarm_routes.routes(parts.db, parts.guard),
        routes_notes.routes(parts.db, parts.guard),
        routes_sos.routes(parts.db, parts.guard, parts.now),
        escalation_routes(parts.db, parts.guard, parts.now),
        context_routes(parts.db, parts.guard, parts.vault, parts.now),
        notice_routes(parts.db, parts.guard, parts.changes, parts.notice_rings),
    ]
