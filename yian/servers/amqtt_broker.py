"""The embedded broker's process: `python -m yian.servers.amqtt_broker PORT PASSWORD_FILE ACL_FILE`."""

import asyncio
import logging
import signal
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import uvloop
from amqtt.adapters import ReaderAdapter, StreamWriterAdapter, WriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import Action
from amqtt.errors import AMQTTError, MQTTError, NoDataError
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session
from amqtt.utils import gen_client_id

from yian.servers.access import read_rules
from yian.servers.first_packet import CONNACK_UNSUPPORTED_V5, V5, FirstPacket
from yian.servers.passwords import password_matches, read_password_file

_FIRST_PACKET_S = 10.0


class PasswordFilePlugin(BaseAuthPlugin):
    """Mosquitto's password file."""

    @dataclass
    class Config:
        path: str = ""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self._path = Path(self.config.path)
        self._hashes: dict[str, str] = {}
        self._read()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._read)

    def _read(self) -> None:
        self._hashes = read_password_file(self._path)

    async def authenticate(self, *, session: Session) -> bool | None:
        known = self._hashes.get(session.username or "")
        return known is not None and password_matches(session.password or "", known)


class AccessFilePlugin(BaseTopicPlugin):
    """Mosquitto's ACL file."""

    @dataclass
    class Config:
        path: str = ""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self._rules = read_rules(Path(self.config.path).read_text().splitlines())

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool | None:
        if session is None or topic is None:
            return False
        user = session.username or ""
        wanted: Literal["read", "write"] = "write" if action is Action.PUBLISH else "read"
        return any(rule.allows(user, wanted, topic) for rule in self._rules)


class EmbeddedBroker(Broker):
    """amqtt with five of its habits changed (seen in 0.12.1).

    It knows no shared subscriptions: `$share/group/filter` is taken as `filter`, which is the same while there is one
    gateway. It compares every message with every subscription: exact ones are looked up instead, so that a thousand
    devices do not make each message a thousand times dearer. And it sends each newcomer the retained messages of
    everybody's subscriptions: here only of the newcomer's own. And it gives a known client id's session away before it
    looks at the password: here the password comes first. A client that speaks MQTT 5 it leaves waiting: here it is
    told (first_packet.py).
    """

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        first = FirstPacket(reader)
        try:
            async with asyncio.timeout(_FIRST_PACKET_S):
                version = await first.version()
        except (asyncio.IncompleteReadError, TimeoutError, OSError):
            writer.close()
            return
        if version == V5:
            writer.write(CONNACK_UNSUPPORTED_V5)
            writer.close()
            return
        await self._client_connected(listener_name, first, StreamWriterAdapter(writer))

    async def _initialize_client_session(
        self, reader: ReaderAdapter, writer: WriterAdapter, remote_address: str, remote_port: int
    ) -> tuple[BrokerProtocolHandler, Session]:
        try:
            handler, newcomer = await BrokerProtocolHandler.init_from_connect(reader, writer, self.plugins_manager)
        except (AMQTTError, MQTTError, NoDataError) as error:
            await writer.close()
            raise AMQTTError(f"no CONNECT from {remote_address}:{remote_port}") from error
        if not newcomer.client_id:
            newcomer.client_id, newcomer.clean_session = gen_client_id(), True
        if not await self._authenticate(newcomer, self.listeners_config["default"]):
            handler.attach(newcomer, reader, writer)
            await handler.mqtt_connack_authorize(authorize=False)
            await writer.close()
            raise AMQTTError(f"wrong user name or password from {remote_address}:{remote_port}")
        return handler, await self._session_for(newcomer)

    async def _session_for(self, newcomer: Session) -> Session:
        """The kept session of this client id under the newcomer's terms, or the newcomer's own."""
        kept = self._sessions.get(newcomer.client_id or "", (None, None))[0]
        newcomer.parent = 0
        if newcomer.clean_session or kept is None:
            await self._delete_session(newcomer.client_id or "")
            return newcomer
        for name in ("will_flag", "will_message", "will_topic", "will_qos", "keep_alive", "username", "password"):
            setattr(kept, name, getattr(newcomer, name))
        kept.parent = 1
        return kept

    async def add_subscription(self, subscription: tuple[str, int], session: Session) -> int:
        topic_filter, qos = subscription
        return int(await super().add_subscription((_unshared(topic_filter), qos), session))

    def _del_subscription(self, a_filter: str, session: Session) -> int:
        return int(super()._del_subscription(_unshared(a_filter), session))

    async def _run_broadcast(self, running_tasks: deque[asyncio.Task[Any]]) -> None:
        broadcast = await self._broadcast_queue.get()
        for session, granted_qos in self._subscribers(broadcast["topic"]):
            qos = broadcast.get("qos", granted_qos)
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

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        topic_filter = _unshared(subscription[0])
        subscribers = self._subscriptions.get(topic_filter, [])
        if any(subscriber.client_id == session.client_id for subscriber, _ in subscribers):
            await super()._publish_retained_messages_for_subscription((topic_filter, subscription[1]), session)


def _unshared(topic_filter: str) -> str:
    return topic_filter.split("/", 2)[2] if topic_filter.startswith("$share/") else topic_filter


async def serve(port: int, password_file: str, acl_file: str) -> None:
    broker = EmbeddedBroker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {
                f"{__name__}.PasswordFilePlugin": {"path": password_file},
                f"{__name__}.AccessFilePlugin": {"path": acl_file},
            },
        }
    )
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await broker.start()
    await ended.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    logging.getLogger("transitions").setLevel(logging.ERROR)
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
