"""The bare chain: the same road without any check, to measure ours against.

Gateway (our paho on its buffered socket, manual ack) → Kafka (acks=all) → COPY into a table without a key, and →
WebSocket.
No validation, no duplicates found, no cases, no receipts but a plain `accepted`. It carries telemetry as ours
does, many messages in one record, so that what is left of the difference is the checks.
Each part is a process: `python -m bench.chain.bare gateway|writer|feed|topics` with YIAN_MQTT, YIAN_BUS, YIAN_DATABASE.
"""

import argparse
import asyncio
import itertools
import os
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from paho.mqtt.enums import MQTTProtocolVersion
from websockets.asyncio.server import ServerConnection, broadcast, serve

from backbone.process import spare_the_collector
from ingest_gateway.mqtt.client import MqttClient
from ingest_gateway.mqtt.connection import MqttConnection, OnMessages
from ingest_gateway.mqtt.model import V5, V311, Publish, Terms
from ingest_gateway.mqtt.socket import Address

TELEMETRY, EVENTS = "bare.telemetry", "bare.event"
BATCH_WAIT_S = 0.02
BATCH_MESSAGES = 1000
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
    """Events and telemetry on a connection each, as ours; the same paho under it."""

    def __init__(self) -> None:
        self._producer = AIOKafkaProducer(bootstrap_servers=_bootstrap(), acks="all", enable_idempotence=True)
        self._waiting: list[Publish] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._events = self._client("event", self._take_events, V5)
        self._bulk = self._client("telemetry", self._take_bulk, V311)

    def _client(self, lane: str, take: OnMessages, version: MQTTProtocolVersion) -> MqttClient:
        terms = Terms(
            f"bare-{lane}", os.environ["YIAN_MQTT_USERNAME"], os.environ["YIAN_MQTT_PASSWORD"], receive_maximum=2000
        )
        topic = f"$share/bare/yian/v1/+/up/{lane}"
        return MqttClient(Address.parse(os.environ["YIAN_MQTT"]), terms, lambda: [topic], take, versions=(version,))

    async def run(self) -> None:
        await self._producer.start()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._events.run())
            group.create_task(self._bulk.run())
            group.create_task(self._flush())
            await self._events.met.wait()
            await self._bulk.met.wait()
            print("ready", flush=True)

    def _take_events(self, connection: MqttConnection, messages: list[Publish]) -> None:
        for message in messages:
            self._start(self._pass_event(connection, message))

    def _take_bulk(self, connection: MqttConnection, messages: list[Publish]) -> None:
        self._waiting += messages

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(BATCH_WAIT_S)
            if self._waiting and self._bulk.connection is not None:
                taken, self._waiting = self._waiting, []
                for start in range(0, len(taken), BATCH_MESSAGES):
                    self._start(self._pass_batch(self._bulk.connection, taken[start : start + BATCH_MESSAGES]))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_batch(self, connection: MqttConnection, batch: list[Publish]) -> None:
        body = msgspec.msgpack.encode([(message.topic.split("/")[2], message.payload) for message in batch])
        await self._producer.send_and_wait(TELEMETRY, body)
        connection.acknowledge([message.mid for message in batch])

    async def _pass_event(self, connection: MqttConnection, message: Publish) -> None:
        device_id = message.topic.split("/")[2]
        await self._producer.send_and_wait(EVENTS, message.payload, key=device_id.encode())
        receipt = msgspec.json.encode([{"id": msgspec.json.decode(message.payload)["id"], "status": "accepted"}])
        connection.publish_unwatched(f"yian/v1/{device_id}/down/receipt", receipt)
        connection.acknowledge([message.mid])


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
    parser = argparse.ArgumentParser(prog="python -m bench.chain.bare", description=__doc__)
    parser.add_argument("part", choices=("gateway", "writer", "feed", "topics"))
    part = parser.parse_args().part
    spare_the_collector()
    uvloop.run({"gateway": gateway, "writer": write, "feed": feed, "topics": make_topics}[part]())


if __name__ == "__main__":
    main()
