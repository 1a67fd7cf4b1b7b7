"""How long somebody on the way still needs, asked of dispatch."""

from datetime import datetime

from contracts.order import PlaceOnOrder
from services.assignment.answers import WayAsked
from services.assignment.client import DispatcherAway, DispatcherClient
from services.places import Location
from services.providers.workers.model import TravelMode


class Ways:
    def __init__(self, dispatcher: DispatcherClient) -> None:
        self._dispatcher = dispatcher

    async def minutes(
        self, area: str, mode: TravelMode, origin: Location, destination: Location, at: datetime
    ) -> float | None:
        """:param area: the county :param at: about when. None: it cannot be told."""
        here, there = (PlaceOnOrder(lat=one.lat, lon=one.lon) for one in (origin, destination))
        try:
            told = await self._dispatcher.way(WayAsked(area=area, mode=mode, origin=here, destination=there, at=at))
        except DispatcherAway:
            return None
        return told.minutes
