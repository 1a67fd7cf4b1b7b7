"""The bare chain: the same road without any check, to measure ours against.

Gateway (paho, manual ack) → Kafka (acks=all) → COPY into one table without a key, and → WebSocket.
No validation, no duplicates found, no cases, no receipts but a plain `accepted`. It carries telemetry as ours
does, many messages in one record, so that what is left of the difference is the checks.
Each part is a process: `python -m bench.bare gateway|writer|feed|topics` with YIAN_MQTT, YIAN_BUS, YIAN_DATABASE.
"""

import argparse
import asyncio
import itertools
import os
import socket
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
import paho.mqtt.client as paho
import psycopg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from websockets.asyncio.server import ServerConnection, broadcast, serve

TELEMETRY, EVENTS = "bare.telemetry", "bare.event"
BATCH_WAIT_S = 0.005
BATCH_MESSAGES = 500
IN_FLIGHT = 1000
TABLE = "CREATE TABLE bare (device_id text, name text, measured_at timestamptz, unit text, value float8)"


class Record(msgspec.Struct):
    n: str
    bn: str = ""
    bt: float = 0.0
    u: str = ""
    v: float = 0.0


_records = msgspec.json.Decoder(list[Record])
_batches = msgspec.msgpack.Decoder(list[tuple[str, bytes]])


def _bootstrap() -> str:
    return os.environ["YIAN_BUS"].removeprefix("kafka://")


class BareGateway:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._producer = AIOKafkaProducer(bootstrap_servers=_bootstrap(), acks="all", enable_idempotence=True)
        self._waiting: list[paho.MQTTMessage] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, "bare-gateway", protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True
        )
        self._client.username_pw_set(os.environ["YIAN_MQTT_USERNAME"], os.environ["YIAN_MQTT_PASSWORD"])
        self._client.max_inflight_messages_set(IN_FLIGHT)
        self._client.on_message = self._take
        self._client.on_socket_open = self._opened
        self._client.on_socket_close = self._closed
        self._client.on_socket_register_write = self._write
        self._client.on_socket_unregister_write = self._written

    async def run(self) -> None:
        await self._producer.start()
        place = urlsplit(os.environ["YIAN_MQTT"])
        self._client.connect(place.hostname or "", place.port or 1883, clean_start=True)
        await asyncio.sleep(0.3)
        self._client.subscribe("$share/bare/yian/v1/+/up/#", qos=1)
        print("ready", flush=True)
        while True:
            await asyncio.sleep(BATCH_WAIT_S)
            self._client.loop_misc()
            if self._waiting:
                self._flush()

    def _opened(self, client: paho.Client, data: object, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._loop.add_reader(sock, client.loop_read)

    def _closed(self, client: paho.Client, data: object, sock: Any) -> None:
        self._loop.remove_reader(sock)

    def _write(self, client: paho.Client, data: object, sock: Any) -> None:
        self._loop.add_writer(sock, client.loop_write)

    def _written(self, client: paho.Client, data: object, sock: Any) -> None:
        self._loop.remove_writer(sock)

    def _take(self, client: paho.Client, data: object, message: paho.MQTTMessage) -> None:
        if message.topic.endswith("/event"):
            self._start(self._pass_event(message))
            return
        self._waiting.append(message)
        if len(self._waiting) >= BATCH_MESSAGES:
            self._flush()

    def _flush(self) -> None:
        batch, self._waiting = self._waiting, []
        self._start(self._pass_batch(batch))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_batch(self, batch: list[paho.MQTTMessage]) -> None:
        body = msgspec.msgpack.encode([(message.topic.split("/")[2], message.payload) for message in batch])
        await self._producer.send_and_wait(TELEMETRY, body)
        for message in batch:
            self._client.ack(message.mid, message.qos)

    async def _pass_event(self, message: paho.MQTTMessage) -> None:
        device_id = message.topic.split("/")[2]
        await self._producer.send_and_wait(EVENTS, message.payload, key=device_id.encode())
        self._client.ack(message.mid, message.qos)
        event_id = msgspec.json.decode(message.payload)["id"]
        receipt = msgspec.json.encode([{"id": event_id, "status": "accepted"}])
        self._client.publish(f"yian/v1/{device_id}/down/receipt", receipt, qos=1)


async def write() -> None:
    consumer = AIOKafkaConsumer(
        TELEMETRY,
        bootstrap_servers=_bootstrap(),
        group_id="bare",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    connection = await psycopg.AsyncConnection.connect(os.environ["YIAN_DATABASE"])
    print("ready", flush=True)
    while True:
        found = await consumer.getmany(timeout_ms=200, max_records=200)
        async with (
            connection.transaction(),
            connection.cursor() as cursor,
            cursor.copy("COPY bare FROM STDIN (FORMAT binary)") as copy,
        ):
            copy.set_types(("text", "text", "timestamptz", "text", "float8"))
            for record in itertools.chain.from_iterable(found.values()):
                for device_id, payload in _batches.decode(record.value):
                    pack = _records.decode(payload)
                    at = datetime.fromtimestamp(pack[0].bt, UTC)
                    for one in pack:
                        await copy.write_row((device_id, one.n, at, one.u, one.v))
        if found:
            await consumer.commit()


async def feed() -> None:
    clients: set[ServerConnection] = set()

    async def welcome(client: ServerConnection) -> None:
        clients.add(client)
        try:
            await client.wait_closed()
        finally:
            clients.discard(client)

    consumer = AIOKafkaConsumer(EVENTS, bootstrap_servers=_bootstrap(), auto_offset_reset="latest")
    await consumer.start()
    async with serve(welcome, "127.0.0.1", int(os.environ["YIAN_HTTP_PORT"]), compression=None):
        print("ready", flush=True)
        async for record in consumer:
            broadcast(clients, record.value.decode())


async def make_topics() -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=_bootstrap())
    await admin.start()
    await admin.create_topics([NewTopic(TELEMETRY, 4, 1), NewTopic(EVENTS, 4, 1)])
    await admin.close()
    async with await psycopg.AsyncConnection.connect(os.environ["YIAN_DATABASE"], autocommit=True) as connection:
        await connection.execute(TABLE)


async def gateway() -> None:
    await BareGateway().run()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.bare", description=__doc__)
    parser.add_argument("part", choices=("gateway", "writer", "feed", "topics"))
    part = parser.parse_args().part
    uvloop.run({"gateway": gateway, "writer": write, "feed": feed, "topics": make_topics}[part]())


if __name__ == "__main__":
    main()
