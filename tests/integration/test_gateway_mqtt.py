"""The gateway's end of MQTT against a broker of the test's own, which says exactly what a test wants, when it wants."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from ingest_gateway.mqtt.client import HANG_UPS, MqttClient
from ingest_gateway.mqtt.connection import PACKETS_A_TURN, MqttConnection
from ingest_gateway.mqtt.model import V5, V311, ConnectionLost, Publish, Refused, Terms
from ingest_gateway.mqtt.sharing import NO_SHARING, Sharing
from ingest_gateway.mqtt.socket import Address, BufferedSocket, open_socket

WELCOME = {V5: b"\x20\x03\x00\x00\x00", V311: b"\x20\x02\x00\x00"}


def a_message(topic: bytes, payload: bytes, mid: int, *, version: int = V311, retained: bool = False) -> bytes:
    body = (
        struct.pack("!H", len(topic)) + topic + struct.pack("!H", mid) + (b"\x00" if version == V5 else b"") + payload
    )
    length = bytearray()
    rest = len(body)
    while True:
        rest, byte = divmod(rest, 128)
        length.append(byte | (128 if rest else 0))
        if not rest:
            return bytes((0x32 | retained,)) + bytes(length) + body


class Broker:
    """The other end of the connection."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._loop = asyncio.get_running_loop()

    async def says(self, data: bytes) -> None:
        await self._loop.sock_sendall(self._sock, data)

    async def hears(self) -> bytes:
        """What has come in one piece; nothing when nothing comes for a moment."""
        try:
            async with asyncio.timeout(0.2):
                return await self._loop.sock_recv(self._sock, 1 << 20)
        except TimeoutError:
            return b""

    def hangs_up(self) -> None:
        self._sock.close()


class Scene:
    def __init__(self, version: int = V311, **terms: int) -> None:
        ours, theirs = socket.socketpair()
        self.broker = Broker(theirs)
        self.messages: list[Publish] = []
        self.turns: list[int] = []
        self.connection = MqttConnection(
            V5 if version == V5 else V311, Terms("g1", "user", "secret", **terms), BufferedSocket(ours), self._take
        )

    def _take(self, connection: MqttConnection, messages: list[Publish]) -> None:
        assert connection is self.connection
        self.messages += messages
        self.turns.append(len(messages))

    async def opened(self, welcome: bytes | None = None) -> "Scene":
        await self.broker.hears()
        await self.broker.says(welcome or WELCOME[self.connection.version])
        await self.connection.opened()
        return self

    async def took(self, n: int) -> None:
        async with asyncio.timeout(5):
            while len(self.messages) < n:  # noqa: ASYNC110
                await asyncio.sleep(0.001)


@pytest.fixture
async def scenes() -> AsyncIterator[Callable[..., Scene]]:
    made: list[Scene] = []

    def make(version: int = V311, **terms: int) -> Scene:
        made.append(Scene(version, **terms))
        return made[-1]

    yield make
    for scene in made:
        scene.connection.say_goodbye()
        scene.broker.hangs_up()


MakeScene = Callable[..., Scene]


async def test_the_gateway_goes_on_with_its_session_and_states_what_it_takes(scenes: MakeScene) -> None:
    scene = scenes(V5, session_expiry=60, receive_maximum=7)
    hello = await scene.broker.hears()
    assert hello[:1] == b"\x10"
    assert hello[9] & 0x02 == 0, "no clean start"
    assert b"\x11" + struct.pack("!I", 60) in hello
    assert b"\x21" + struct.pack("!H", 7) in hello
    await scene.broker.says(b"\x20\x03\x01\x00\x00")
    assert (await scene.connection.opened()).session_present


async def test_a_gateway_that_leaves_is_dealt_nothing_more_and_its_session_ends(scenes: MakeScene) -> None:
    scene = await scenes(V5, session_expiry=60).opened()
    left = scene.connection.unsubscribe(["$share/g/a"])
    asked = await scene.broker.hears()
    assert asked[:1] == b"\xa2"
    assert not left.done()
    await scene.broker.says(b"\xb0\x04" + asked[2:4] + b"\x00\x00")
    await asyncio.wait_for(left, 1)
    scene.connection.say_goodbye(for_good=True)
    assert await scene.broker.hears() == b"\xe0\x07\x00\x05\x11\x00\x00\x00\x00", "session expiry interval: 0"


async def test_one_that_will_come_back_leaves_its_session(scenes: MakeScene) -> None:
    scene = await scenes(V5, session_expiry=60).opened()
    scene.connection.say_goodbye()
    assert await scene.broker.hears() == b"\xe0\x00"


@pytest.mark.parametrize(
    ("version", "answer", "code"),
    [(V5, b"\x20\x03\x00\x87\x00", 0x87), (V311, b"\x20\x02\x00\x05", 0x87)],
)
async def test_a_refusal_is_told_with_its_reason(scenes: MakeScene, version: int, answer: bytes, code: int) -> None:
    scene = scenes(version)
    await scene.broker.hears()
    await scene.broker.says(answer)
    with pytest.raises(Refused) as refused:
        await scene.connection.opened()
    assert refused.value.code == code


async def test_a_subscription_that_is_not_granted_is_told(scenes: MakeScene) -> None:
    scene = await scenes().opened()
    asked = asyncio.create_task(scene.connection.subscribe(["yian/v1/+/up/event"]))
    request = await scene.broker.hears()
    await scene.broker.says(b"\x90\x03" + request[2:4] + b"\x80")
    with pytest.raises(Refused, match=r"up/event"):
        await asked


@pytest.mark.parametrize("version", [V311, V5])
async def test_messages_cut_anywhere_are_taken_whole_and_in_order(scenes: MakeScene, version: int) -> None:
    scene = await scenes(version).opened()
    sent = [(b"yian/v1/W-%d/up/event" % n, b"%d" % n * (n * 40), n + 1) for n in range(12)]
    stream = b"".join(a_message(*message, version=version, retained=message[2] == 3) for message in sent)
    for size in (1, 2, 3, 5, 700, len(stream)):
        piece, stream = stream[:size], stream[size:]
        await scene.broker.says(piece)
        await asyncio.sleep(0.002)
    await scene.took(12)
    assert [(m.topic.encode(), m.payload, m.mid) for m in scene.messages] == sent
    assert [m.retained for m in scene.messages].index(True) == 2


async def test_a_flood_is_taken_in_turns(scenes: MakeScene) -> None:
    scene = await scenes().opened()
    await scene.broker.says(b"".join(a_message(b"t", b"x", n % 1000 + 1) for n in range(2000)))
    await scene.took(2000)
    assert max(scene.turns) <= PACKETS_A_TURN


async def test_acknowledgements_of_a_batch_go_out_as_one_piece(scenes: MakeScene) -> None:
    scene = await scenes().opened()
    scene.connection.acknowledge(range(1, 501))
    assert await scene.broker.hears() == b"".join(struct.pack("!BBH", 0x40, 2, mid) for mid in range(1, 501))


async def test_what_is_published_is_known_to_have_arrived(scenes: MakeScene) -> None:
    scene = await scenes(V5).opened()
    done = scene.connection.publish("yian/v1/W-1/down/command", b"{}", expiry_seconds=60)
    sent = await scene.broker.hears()
    assert b"\x02" + struct.pack("!I", 60) in sent
    mid = sent[2 + 2 + 24 : 2 + 2 + 24 + 2]
    assert not done.done()
    await scene.broker.says(b"\x40\x04" + mid + b"\x10\x00")
    assert await done == 0x10


async def test_no_more_is_sent_than_the_broker_takes_unacknowledged(scenes: MakeScene) -> None:
    scene = await scenes(V5).opened(b"\x20\x06\x00\x00\x03\x21\x00\x02")
    for n in range(5):
        scene.connection.publish_unwatched("t", b"%d" % n)
    first = await scene.broker.hears()
    assert first.count(b"\x00\x01t") == 2
    await scene.broker.says(b"\x40\x02" + first[5:7])
    assert (await scene.broker.hears()).count(b"\x00\x01t") == 1


async def test_when_a_connection_ends_everybody_is_told_and_late_acknowledgements_go_nowhere(scenes: MakeScene) -> None:
    scene = await scenes().opened()
    under_way = scene.connection.publish("t", b"x")
    scene.broker.hangs_up()
    with pytest.raises(ConnectionLost):
        await under_way
    assert await scene.connection.lost
    scene.connection.acknowledge([1, 2, 3])
    scene.connection.publish_unwatched("t", b"x")
    with pytest.raises(ConnectionLost):
        await scene.connection.publish("t", b"x")
    scene.connection.resume()


async def test_while_paused_nothing_is_taken_but_the_broker_hears_of_us(scenes: MakeScene) -> None:
    scene = await scenes().opened()
    scene.connection.pause()
    await scene.broker.says(a_message(b"t", b"1", 1) + a_message(b"t", b"2", 2))
    await asyncio.sleep(1.2)
    assert scene.messages == []
    assert b"\xc0\x00" in await scene.broker.hears()
    scene.connection.acknowledge([9])
    assert await scene.broker.hears() == b"\x40\x02\x00\x09"
    scene.connection.resume()
    await scene.took(2)


@pytest.mark.parametrize("noise", [b"\x00" * 50, b"\xff" * 50, b"GET / HTTP/1.1\r\n\r\n", b"\x32\x01\x00", b"\x20\x00"])
@pytest.mark.parametrize("version", [V311, V5])
async def test_a_peer_that_speaks_no_mqtt_is_left(scenes: MakeScene, version: int, noise: bytes) -> None:
    scene = scenes(version)
    await scene.broker.hears()
    await scene.broker.says(noise)
    scene.broker.hangs_up()
    with pytest.raises((ConnectionLost, Refused)):
        await scene.connection.opened()


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]


async def versions_tried(serve: Serve) -> tuple[list[int], MqttClient]:
    """The versions a client came with until the broker took one."""
    tried: list[int] = []

    async def on_connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(1024)
        tried.append(hello[8])
        await serve(reader, writer, hello)
        writer.close()

    server = await asyncio.start_server(on_connect, "127.0.0.1", 0)
    address = Address("127.0.0.1", server.sockets[0].getsockname()[1])
    client = MqttClient(address, Terms("g1"), lambda: ["t"], lambda *_: None)
    running = asyncio.create_task(client.run())
    async with asyncio.timeout(15):
        await client.met.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    client.say_goodbye()
    server.close()
    return tried, client


@pytest.mark.parametrize("refusal", [b"\x20\x03\x00\x84\x00", b"\x20\x02\x00\x84", b"\x20\x02\x00\x01"])
async def test_a_broker_that_refuses_mqtt_5_is_spoken_to_in_3_1_1(refusal: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hello: bytes) -> None:
        writer.write(refusal if hello[8] == V5 else WELCOME[V311])
        await reader.read(1024)

    tried, client = await versions_tried(serve)
    assert tried == [V5, V311]
    assert client.version == V311


async def test_a_broker_that_hangs_up_on_mqtt_5_is_spoken_to_in_3_1_1_but_not_at_the_first_time() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hello: bytes) -> None:
        if hello[8] == V311:
            writer.write(WELCOME[V311])
            await reader.read(1024)

    tried, _ = await versions_tried(serve)
    assert tried == [V5] * HANG_UPS + [V311]


async def test_a_broker_that_has_spoken_mqtt_5_is_not_spoken_to_in_3_1_1_because_it_hangs_up() -> None:
    """It is starting, say. In 3.1.1 it would share no subscriptions, and a session would then have both kinds."""
    hellos: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hellos.append((await reader.read(1024))[8])
        if len(hellos) in (1, HANG_UPS + 4):
            writer.write(WELCOME[V5])
            await reader.read(1024)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = Address("127.0.0.1", server.sockets[0].getsockname()[1])
    client = MqttClient(address, Terms("g1"), lambda: ["t"], lambda *_: None)
    running = asyncio.create_task(client.run())
    async with asyncio.timeout(30):
        while len(hellos) < HANG_UPS + 4:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    client.say_goodbye()
    server.close()
    assert set(hellos) == {V5}


@pytest.mark.parametrize("url", ["localhost:1883", "http://localhost", "mqtt://", ""])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="mqtt://host:port"):
        Address.parse(url)


def test_an_address_has_its_default_port() -> None:
    assert Address.parse("mqtt://broker") == Address("broker", 1883)
    assert Address.parse("mqtts://broker") == Address("broker", 8883, tls=True)


async def test_nobody_waits_for_a_broker_that_is_not_there() -> None:
    with pytest.raises(OSError, match=r"."):
        await open_socket(Address("127.0.0.1", 1))


@pytest.mark.parametrize(
    ("welcome", "shares"), [(b"\x20\x03\x00\x00\x00", True), (b"\x20\x05\x00\x00\x02\x2a\x00", False)]
)
async def test_a_broker_says_whether_it_shares_subscriptions(scenes: MakeScene, welcome: bytes, shares: bool) -> None:
    scene = scenes(V5)
    await scene.broker.hears()
    await scene.broker.says(welcome)
    assert (await scene.connection.opened()).shares is shares


@pytest.mark.parametrize("answer", [b"\x20\x03\x00\x84\x00", b"\x20\x02\x00\x01", b"\x20\x05\x00\x00\x02\x2a\x00"])
async def test_a_gateway_of_telemetry_alone_waits_for_a_broker_that_shares_and_says_the_mend(answer: bytes) -> None:
    async def on_connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(answer)
        await reader.read(1024)
        writer.close()

    server = await asyncio.start_server(on_connect, "127.0.0.1", 0)
    sharing = Sharing(Address("127.0.0.1", server.sockets[0].getsockname()[1]), Terms("g1.asks"))
    asking = asyncio.create_task(sharing.learned())
    async with asyncio.timeout(10):
        while sharing.trouble != NO_SHARING:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert "YIAN_GATEWAY_LANES=all" in NO_SHARING
    asking.cancel()
    server.close()
