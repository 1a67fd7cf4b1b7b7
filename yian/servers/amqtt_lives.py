"""Which connections of the embedded broker stay open: one for each client id, and only while its user is allowed."""

import asyncio
from dataclasses import dataclass
from typing import Any

from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session

from yian.servers.amqtt_door import MAX_WAITING, Door

_END_S = 5.0


class Handler(BrokerProtocolHandler):
    """amqtt's, but for QoS 2: what a client never releases is kept up to a bound."""

    async def handle_publish(self, publish_packet: Any) -> None:
        if publish_packet.qos == 2 and self.session and len(self.session.inflight_in) >= MAX_WAITING:
            await self.handle_connection_closed()
            return
        await super().handle_publish(publish_packet)


@dataclass(eq=False, slots=True)
class Life:
    writer: asyncio.StreamWriter
    door: Door
    task: "asyncio.Task[Any]"
    newcomer: Session | None = None
    """As it introduced itself; None until it has been let in."""

    async def end(self) -> None:
        """Ends it like a lost connection: its last will is published."""
        self.writer.transport.abort()
        await asyncio.wait({self.task}, timeout=_END_S)


class Lives:
    """Every connection is a task, and asks here about itself."""

    def __init__(self) -> None:
        self._of_task: dict[asyncio.Task[Any], Life] = {}
        self._of_client: dict[str, Life] = {}

    def begin(self, writer: asyncio.StreamWriter, door: Door) -> None:
        task = _this_task()
        self._of_task[task] = Life(writer, door, task)

    def over(self) -> None:
        life = self._of_task.pop(_this_task(), None)
        if life is not None and life.newcomer is not None:
            self._forget(life, life.newcomer.client_id or "")

    @property
    def door(self) -> Door:
        return self._of_task[_this_task()].door

    async def take_over(self, newcomer: Session) -> None:
        """Ends whoever has this client id now, and waits until that is over."""
        client_id = newcomer.client_id or ""
        while older := self._of_client.get(client_id):
            await older.end()
            self._forget(older, client_id)
        life = self._of_task[_this_task()]
        life.newcomer = newcomer
        self._of_client[client_id] = life

    def _forget(self, life: Life, client_id: str) -> None:
        if self._of_client.get(client_id) is life:
            del self._of_client[client_id]

    async def end_those_not_let_in(self) -> None:
        gone = [
            life
            for life in self._of_task.values()
            if life.newcomer is not None and not life.door.lets_in(life.newcomer.username, life.newcomer.password)
        ]
        await asyncio.gather(*(life.end() for life in gone))


def _this_task() -> "asyncio.Task[Any]":
    task = asyncio.current_task()
    assert task is not None, "called from a connection's task"
    return task
