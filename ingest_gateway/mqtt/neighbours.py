"""Other gateways of the same broker, as far as their signs on the bus tell: whoever leaves must know if one stays."""

import asyncio
import time
from contextlib import suppress

from pydantic import ValidationError

from backbone.bus import Bus, Delivered
from backbone.hear import hear_from_now_on
from contracts.alarm_path import GatewaySign
from contracts.topics import ALARM_PATH

LATELY_SECONDS = 10.0
SIGN_SECONDS = 4.5
"""Who stays gives its next sign within two seconds, or within twice that on a busy machine. Who leaves in the same
moment gives none."""


class Neighbours:
    def __init__(self, bus: Bus, *, gateway_id: str) -> None:
        self._bus, self._gateway_id = bus, gateway_id
        self._heard_at = time.monotonic()
        """When another gateway with a connection to the broker last gave a sign. Whoever has just begun has heard
        nobody yet, and cannot tell that it is alone."""
        self._sign = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        await hear_from_now_on(self._bus, [ALARM_PATH], self._hear)

    def _hear(self, record: Delivered) -> None:
        if record.headers.get("ce_type") != GatewaySign.TYPE or record.key == self._gateway_id:
            return
        with suppress(ValidationError):
            sign = GatewaySign.read(record.value)
            if not sign.leaves and not sign.without_broker_seconds and sign.gateway_id != self._gateway_id:
                self._heard_at = time.monotonic()
                self._sign.set()

    async def one_stays(self) -> bool:
        """Waits for a sign given from now on, unless nobody has given one lately: alone one need not wait."""
        if time.monotonic() - self._heard_at > LATELY_SECONDS:
            return False
        self._sign.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._sign.wait(), SIGN_SECONDS)
        return self._sign.is_set()
