"""The embedded broker's process: `python -m yian.servers.amqtt_broker DEVICES_PORT GATEWAYS_PORT CONFIG_FOLDER`."""

import asyncio
import logging
import signal
import sys
from collections import deque
from pathlib import Path
from typing import Any

import uvloop
from amqtt.adapters import ReaderAdapter, StreamWriterAdapter, WriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import Action
from amqtt.errors import AMQTTError, MQTTError, NoDataError
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session
from amqtt.utils import gen_client_id

from yian.servers.amqtt_door import MAX_RETAINED_TOPICS, MAX_SUBSCRIPTIONS, MAX_WAITING, Door, unshared
from yian.servers.amqtt_lives import Handler, Lives
from yian.servers.first_packet import CONNACK_UNSUPPORTED_V5, V5, FirstPacket

_FIRST_PACKET_S = 10.0
_BACKLOG = 256
"""Messages taken and not dealt out yet, before a client is read no further."""
_REFUSED = 0x80
_INSIDE = "inside"
_WILL = ("will_flag", "will_message", "will_topic", "will_qos", "will_retain")

log = logging.getLogger("yian.broker")


class EmbeddedBroker(Broker):
    """amqtt behind two listeners, with some of its behaviour changed (seen in 0.12.1).

    - It has no shared subscriptions: `$share/group/filter` is treated as `filter`, which is the same while there is one
      gateway.
    - It compares every message with every subscription. Here exact ones are looked up, so that a thousand devices do
      not make each message a thousand times dearer.
    - It sends each newcomer the retained messages of everybody's subscriptions; here only those of its own.
    - It gives away the session of a known client id before it checks the password, and checks no last will; here both
      are checked first.
    - It leaves a client that speaks MQTT 5 waiting; here the client gets an answer (first_packet.py).
    - It stores whatever one client makes it store; here there are limits.
    """

    def __init__(self, config: dict[str, Any], doors: dict[str, Door]) -> None:
        super().__init__(config)
        self._doors = doors
        self._lives = Lives()
        self._retained_of: dict[str, set[str]] = {}
        self._told_of_v5 = 0

    # who is let in, and with which session

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        """Whatever a client sends ends its own connection at most."""
        try:
            await self._connected(reader, writer, listener_name)
        except Exception as error:
            log.warning("a connection was ended: %r", error)
        finally:
            self._lives.over()
            writer.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener: str) -> None:
        first = FirstPacket(reader, self._broadcast_queue, _BACKLOG)
        try:
            async with asyncio.timeout(_FIRST_PACKET_S):
                version = await first.version()
        except (asyncio.IncompleteReadError, TimeoutError, OSError):
            return
        if version == V5:
            self._refuse_v5(writer)
            return
        self._lives.begin(writer, self._doors[listener])
        await self._client_connected(listener, first, StreamWriterAdapter(writer))

    def _refuse_v5(self, writer: asyncio.StreamWriter) -> None:
        writer.write(CONNACK_UNSUPPORTED_V5)
        self._told_of_v5 += 1
        if self._told_of_v5 & (self._told_of_v5 - 1) == 0:  # the 1st, 2nd, 4th, 8th …: a fleet would fill the disk
            log.warning(
                "a client that speaks MQTT 5 was refused with 0x84 (%d so far): this broker speaks 3.1.1 only. "
                "Where Mosquitto is installed `yian up` uses it, and that speaks both.",
                self._told_of_v5,
            )

    async def _initialize_client_session(
        self, reader: ReaderAdapter, writer: WriterAdapter, remote_address: str, remote_port: int
    ) -> tuple[BrokerProtocolHandler, Session]:
        try:
            handler, newcomer = await Handler.init_from_connect(reader, writer, self.plugins_manager)
        except (AMQTTError, MQTTError, NoDataError) as error:
            await writer.close()
            raise AMQTTError(f"no CONNECT from {remote_address}:{remote_port}") from error
        door = self._lives.door
        if not door.lets_in(newcomer.username, newcomer.password):
            handler.attach(newcomer, reader, writer)
            await handler.mqtt_connack_authorize(authorize=False)
            await writer.close()
            raise AMQTTError(f"wrong user name or password from {remote_address}:{remote_port}")
        newcomer.attributes["door"] = door
        if door.for_devices:
            newcomer.client_id = newcomer.username
        elif not newcomer.client_id:
            newcomer.client_id, newcomer.clean_session = gen_client_id(), True
        if newcomer.will_flag and not door.allows(newcomer.username or "", "write", newcomer.will_topic or ""):
            newcomer.will_flag = False
        await self._lives.take_over(newcomer)
        session = await self._session_for(newcomer)
        if isinstance(reader, FirstPacket):
            reader.watch(session.delivered_message_queue)
        return handler, session

    async def _session_for(self, newcomer: Session) -> Session:
        """The session kept for this client id, if it is the same user's, on the new terms; else a new one."""
        kept = self._sessions.get(newcomer.client_id or "", (None, None))[0]
        newcomer.parent = 0
        if newcomer.clean_session or kept is None or kept.clean_session or kept.username != newcomer.username:
            await self._delete_session(newcomer.client_id or "")
            return newcomer
        for name in (*_WILL, "keep_alive", "password", "remote_address", "remote_port"):
            setattr(kept, name, getattr(newcomer, name))
        kept.parent = 1
        return kept

    async def _authenticate(self, session: Session, _: Any) -> bool:
        """amqtt asks once more, after the session has been chosen."""
        return "door" in session.attributes

    async def read_passwords_again(self) -> None:
        """Disconnects every client that is no longer allowed."""
        for door in self._doors.values():
            door.read_passwords()
        await self._lives.end_those_not_let_in()

    # what each may say and hear

    async def _topic_filtering(self, session: Session, topic: str, action: Action) -> bool:
        door: Door = session.attributes["door"]
        return door.allows(session.username or "", "write" if action is Action.PUBLISH else "read", topic)

    async def add_subscription(self, subscription: tuple[str, int], session: Session) -> int:
        topic_filter, qos = unshared(subscription[0]), subscription[1]
        mine: set[str] = session.attributes.setdefault("filters", set())
        if session.attributes["door"].for_devices and len(mine | {topic_filter}) > MAX_SUBSCRIPTIONS:
            return _REFUSED
        granted = int(await super().add_subscription((topic_filter, qos), session))
        if granted != _REFUSED:
            mine.add(topic_filter)
        return granted

    def _del_subscription(self, a_filter: str, session: Session) -> int:
        session.attributes.get("filters", set()).discard(unshared(a_filter))
        return int(super()._del_subscription(unshared(a_filter), session))

    async def _run_broadcast(self, running_tasks: deque[asyncio.Task[Any]]) -> None:
        broadcast = await self._broadcast_queue.get()
        for session, granted_qos in self._subscribers(broadcast["topic"]):
            qos = min(granted_qos, broadcast.get("qos", granted_qos))
            if session.transitions.state == "connected":
                if handler := self._get_handler(session):
                    publish = handler.mqtt_publish(broadcast["topic"], broadcast["data"], qos, retain=False)
                    running_tasks.append(asyncio.ensure_future(publish))
            elif qos and not session.clean_session:
                await self._retain_broadcast_message(broadcast, qos, session)

    def _subscribers(self, topic: str) -> list[tuple[Session, int]]:
        exact = self._subscriptions.get(topic, [])
        wild = [pair for topic_filter, pairs in self._subscriptions.items()
                if ("+" in topic_filter or "#" in topic_filter) and self._matches(topic, topic_filter)
                for pair in pairs]  # fmt: skip
        return [*exact, *wild]

    # what is kept for later

    async def _retain_broadcast_message(self, broadcast: dict[str, Any], qos: int, target_session: Session) -> None:
        if target_session.retained_messages.qsize() < MAX_WAITING or not target_session.attributes["door"].for_devices:
            await super()._retain_broadcast_message(broadcast, qos, target_session)

    async def retain_message(
        self, source_session: Session | None, topic_name: str | None, data: Any, qos: int | None = None
    ) -> None:
        if source_session is not None and topic_name is not None:
            mine = self._retained_of.setdefault(source_session.username or "", set())
            (mine.add if data else mine.discard)(topic_name)
            if len(mine) > MAX_RETAINED_TOPICS:
                mine.discard(topic_name)
                return
        await super().retain_message(source_session, topic_name, data, qos)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        topic_filter = unshared(subscription[0])
        subscribers = self._subscriptions.get(topic_filter, [])
        if any(subscriber.client_id == session.client_id for subscriber, _ in subscribers):
            await super()._publish_retained_messages_for_subscription((topic_filter, subscription[1]), session)


async def serve(devices_port: int, gateways_port: int, config: Path) -> None:
    doors = {"default": Door(config, "devices"), _INSIDE: Door(config, "gateways")}
    broker = EmbeddedBroker(
        {
            "listeners": {
                "default": {"type": "tcp", "bind": f"127.0.0.1:{devices_port}"},
                _INSIDE: {"type": "tcp", "bind": f"127.0.0.1:{gateways_port}"},
            },
            "plugins": {},
        },
        doors,
    )
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    reading: set[asyncio.Task[None]] = set()
    loop.add_signal_handler(signal.SIGHUP, lambda: reading.add(loop.create_task(broker.read_passwords_again())))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await broker.start()
    await ended.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    logging.getLogger("transitions").setLevel(logging.ERROR)
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
