"""One device that sends without pause, in a process of its own; prepared bytes, a few microseconds a message.

It takes its receipts as a device does, and counts those of one id once: a broker may deliver a message twice, and then
it is answered twice. Prints one JSON line at the end.
"""

import argparse
import json
import random
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from device_sim import packets
from device_sim.packets import PUBACK, PUBLISH, Reader, Version, Will

TICK_S = 0.005
IN_FLIGHT = 500
LONG = 60_000
QUIET_S = 3.0
_NOISE = random.Random(1).randbytes(LONG)
_FILLER = b",".join(b"%d" % (number % 10) for number in range(LONG // 2))
_TEXT = _NOISE.hex().encode()[:LONG]
_MANY = b",".join(b'{"n":"heart_rate","u":"beat/min","v":%d,"t":-%d}' % (60 + n % 40, n * 10) for n in range(512))


def _press(device_id: str, event_id: str, kind: str = "help_request") -> bytes:
    source = f"/devices/{device_id}"
    data = {"location": {"lat": 30.2012, "lon": 115.0387, "fix": "gps"}, "battery_pct": 41}
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    event = {"specversion": "1.0", "id": event_id, "source": source, "type": f"device.{kind}", "time": at, "data": data}
    return json.dumps(event, separators=(",", ":")).encode()


def _array(device_id: str, event_id: str) -> bytes:
    return b"[" + b",".join(_press(device_id, f"{event_id}-{nth}") for nth in range(256)) + b"]"


@dataclass(frozen=True, slots=True)
class Flood:
    topic: str
    rate: float
    """Messages a second; 0: without pause, a few unacknowledged at a time."""
    payload: Callable[[str, str], bytes]
    """Of (device id, event id)."""
    said: str


def _broken(device_id: str, event_id: str) -> bytes:
    """An event but for its type. Its id can be told, so a receipt that comes twice counts once."""
    head = {"specversion": "1.0", "id": event_id, "source": f"/devices/{device_id}", "type": "garbage", "data": ""}
    return json.dumps(head).encode()[:-2] + _TEXT + b'"}'


FLOODS: dict[str, Flood] = {
    "presses": Flood("event", 2000, _press, "2,000 help requests a second"),
    "garbage": Flood("event", 200, lambda _, n: n.encode() + _NOISE, "garbage of 60 KB, 200 a second"),
    "broken": Flood("event", 200, _broken, "broken events of 60 KB, 200 a second"),
    "numbers": Flood("event", 200, lambda _, n: b'["' + n.encode() + b'",' + _FILLER + b"]", "valid JSON of 60 KB"),
    "arrays": Flood("event", 100, _array, "arrays of 256 events, 100 a second"),
    "packs": Flood("telemetry", 0, lambda d, n: b"[" + _MANY + b"]", "packs of 512 readings without pause"),
}
RECONNECTS = "reconnects"
RECONNECTS_PER_S = 50.0


class Answers:
    """How many messages were answered, by their receipts."""

    def __init__(self) -> None:
        self.accepted = self.rejected = 0
        self._ids: set[str] = set()

    def hear(self, payload: bytes) -> None:
        for receipt in json.loads(payload):
            event_id = receipt["id"]
            if event_id in self._ids:
                continue
            if event_id is not None:
                self._ids.add(event_id)
            self.accepted += receipt["status"] == "accepted"
            self.rejected += receipt["status"] == "rejected"


class Flooder:
    def __init__(self, address: str, device_id: str, secret: str) -> None:
        self._place, self._device_id, self._secret = urlsplit(address), device_id, secret
        self._unsent = b""
        self.sent = self.acknowledged = 0
        self.answers = Answers()
        self._connect()

    def _connect(self, will: Will | None = None) -> None:
        self._socket = socket.create_connection((self._place.hostname, self._place.port or 1883))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = self._device_id
        self._socket.sendall(
            packets.connect(name, name, self._secret, version=Version.V5, keepalive_s=0, will=will, session_expiry_s=0)
        )
        answer = self._socket.recv(4096)
        if len(answer) < 4 or answer[0] != 0x20 or answer[3] != 0:
            raise ConnectionError(f"the broker refused {name}: {answer.hex()}")
        self._reader = Reader()

    def flood(self, flood: Flood, seconds: float) -> None:
        self._socket.sendall(packets.subscribe([f"yian/v1/{self._device_id}/down/receipt"], 1, version=Version.V5))
        self._socket.setblocking(False)
        topic, mark = f"yian/v1/{self._device_id}/up/{flood.topic}", f"{time.time():.0f}"
        in_flight = IN_FLIGHT if flood.rate else 20
        started = now = time.monotonic()
        owed = 0.0
        while now - started < seconds:
            before, now = now, time.monotonic()
            owed = min(owed + (now - before) * flood.rate, flood.rate / 4) if flood.rate else in_flight
            while owed >= 1 and not self._unsent and self.sent - self.acknowledged < in_flight:
                payload = flood.payload(self._device_id, f"{mark}-{self.sent}")
                self._send(packets.publish(topic, payload, self.sent % 65535 + 1, version=Version.V5))
                self.sent += 1
                owed -= 1
            self._exchange(TICK_S)
        self._hear_out()

    def _hear_out(self) -> None:
        """Until nothing has come for a while; what was not read is answered by nobody."""
        heard, since = -1, time.monotonic()
        while time.monotonic() - since < QUIET_S:
            self._exchange(TICK_S)
            told = self.acknowledged + self.answers.accepted + self.answers.rejected
            if told != heard:
                heard, since = told, time.monotonic()

    def reconnect(self, seconds: float) -> None:
        """Each time it says that it is there, and is gone without a word: the broker then says its last will."""
        topic = f"yian/v1/{self._device_id}/up/status"
        will = Will(topic, b'{"online": false}')
        started = time.monotonic()
        while (passed := time.monotonic() - started) < seconds:
            self._socket.close()
            self._connect(will)
            self._socket.sendall(packets.publish(topic, b'{"online": true}', 1, version=Version.V5, retain=True))
            self.sent += 1
            time.sleep(max(0.0, self.sent / RECONNECTS_PER_S - passed))

    def _send(self, data: bytes) -> None:
        try:
            done = self._socket.send(data)
        except BlockingIOError:
            done = 0
        self._unsent = data[done:]

    def _exchange(self, seconds: float) -> None:
        """What is left of a packet goes out; what has come is counted and acknowledged."""
        writers = [self._socket] if self._unsent else []
        readable, writable, _ = select.select([self._socket], writers, [], seconds)
        if writable:
            self._send(self._unsent)
        if not readable:
            return
        data = self._socket.recv(262_144)
        if not data:
            raise ConnectionError("the broker closed the connection")
        for packet in self._reader.feed(data):
            if packet.kind == PUBACK:
                self.acknowledged += 1
            elif packet.kind == PUBLISH:
                message = packets.read_publish(packet, Version.V5)
                self.answers.hear(message.payload)
                self._unsent += packets.puback(message.packet_id)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.floods.flooder", description=__doc__)
    parser.add_argument("address", help="mqtt://host:port")
    parser.add_argument("devices_file", type=Path, help="{device id: secret}")
    parser.add_argument("device_id")
    parser.add_argument("flood", choices=[*FLOODS, RECONNECTS])
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    flooder = Flooder(asked.address, asked.device_id, json.loads(asked.devices_file.read_text())[asked.device_id])
    cpu_before = time.process_time()
    if asked.flood == RECONNECTS:
        flooder.reconnect(asked.seconds)
    else:
        flooder.flood(FLOODS[asked.flood], asked.seconds)
    figures = {
        "sent": flooder.sent,
        "sent_per_s": flooder.sent / asked.seconds,
        "acknowledged": flooder.acknowledged,
        "accepted": flooder.answers.accepted,
        "rejected": flooder.answers.rejected,
        "cpu_cores": (time.process_time() - cpu_before) / asked.seconds,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
