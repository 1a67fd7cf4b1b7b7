"""A gateway that is removed for good (decision 15): it takes what the broker still holds for it, and its sessions end.

Until then the broker goes on dealing them their share.
"""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from ingest_gateway.mqtt.client import MqttClient

QUIET_SECONDS = 3.0
"""So long after the last message nothing more comes of what was dealt."""
AGAIN_SECONDS = 1.0

log = structlog.get_logger("gateway")


async def retire(clients: Sequence[MqttClient], messages: Callable[[], int], held: Callable[[], int]) -> None:
    """Returns when nothing more is dealt to these clients and nothing of theirs waits to be kept.

    :param messages: how many were received until now
    :param held: how many of them are not acknowledged yet
    """
    while not all(client.has_left for client in clients):
        for client in clients:
            await client.reached.wait()
            await client.leave()
        await asyncio.sleep(0 if all(client.has_left for client in clients) else AGAIN_SECONDS)
    seen = -1
    while held() or messages() != seen:
        seen = messages()
        await asyncio.sleep(QUIET_SECONDS)
    log.info("gateway_retired", messages=seen)
