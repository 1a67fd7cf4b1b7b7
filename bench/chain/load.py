"""The load: devices that publish packs of three readings at a given rate, cheaply, in a process of its own.

One MQTT 5 connection a device, each on its own topic under its own name. Packets are put together from
prepared bytes, so that the generator takes a few microseconds a message and leaves the machine to the chain.
Prints one JSON line at the end: what was sent, what the broker acknowledged, and what it cost.
"""

import argparse
import itertools
import json
import select
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from device_sim import packets
from device_sim.packets import Version

TICK_S = 0.005
IN_FLIGHT = 500
"""Unacknowledged messages of one device; where that is reached the message waits, as in a real device."""
TAILS = [
    b',"n":"heart_rate","u":"beat/min","v":%d},{"n":"steps","u":"count","v":%d},{"n":"battery","u":"%%EL","v":%d}]'
    % (60 + number % 40, 1000 + number * 37 % 9000, 10 + number % 90)
    for number in range(512)
]
TIME_BYTES = len(b"1795307335.000")


class LoadDevice:
    """One connection; `packet` gives the bytes of its next message."""

    def __init__(self, address: str, device_id: str, secret: str, first_at: float, step_s: float) -> None:
        place = urlsplit(address)
        self.socket = socket.create_connection((place.hostname, place.port or 1883))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(
            packets.connect(
                device_id, device_id, secret, version=Version.V5, keepalive_s=0, will=None, session_expiry_s=0
            )
        )
        answer = self.socket.recv(4096)
        if len(answer) < 4 or answer[0] != 0x20 or answer[3] != 0:
            raise ConnectionError(f"the broker refused {device_id}: {answer.hex()}")
        self.socket.setblocking(False)
        self.sent = 0
        self.acknowledged = 0
        self.refused = 0
        self._first_at, self._step_s = first_at, step_s
        self._topic = f"yian/v1/{device_id}/up/telemetry".encode()
        self._body = b'[{"bn":"%b/","bt":' % device_id.encode()
        self._heads = {length: self._head(length) for length in {len(tail) for tail in TAILS}}
        self._held = b""
        self.unsent = b""

    def _head(self, tail_length: int) -> bytes:
        """Everything before the packet id, for a tail of this length."""
        after = 2 + 1 + len(self._body) + TIME_BYTES + tail_length
        remaining, sized = 2 + len(self._topic) + after, bytearray()
        while True:
            remaining, low = divmod(remaining, 128)
            sized.append(low | 0x80 if remaining else low)
            if not remaining:
                break
        return b"\x32" + bytes(sized) + len(self._topic).to_bytes(2, "big") + self._topic

    def packet(self) -> bytes:
        number = self.sent
        self.sent = number + 1
        tail = TAILS[number & 511]
        at = b"%.3f" % (self._first_at + number * self._step_s)
        return b"%b%b\0%b%b%b" % (
            self._heads[len(tail)],
            (number % 65535 + 1).to_bytes(2, "big"),
            self._body,
            at,
            tail,
        )

    def read(self) -> None:
        data = self._held + self.socket.recv(65536)
        at = 0
        while len(data) - at >= 4:
            length = data[at + 1]
            if len(data) - at < 2 + length:
                break
            if data[at] == 0x40:
                if length > 2 and data[at + 4] >= 0x80:
                    self.refused += 1
                self.acknowledged += 1
            at += 2 + length
        self._held = data[at:]

    def send(self) -> None:
        data = self.unsent + self.packet() if self.unsent else self.packet()
        try:
            done = self.socket.send(data)
        except BlockingIOError:
            done = 0
        self.unsent = data[done:] if done < len(data) else b""


def generate(devices: list[LoadDevice], rate: float, seconds: float) -> dict[str, float]:
    poll = select.epoll()
    by_number = {device.socket.fileno(): device for device in devices}
    for number in by_number:
        poll.register(number, select.EPOLLIN)
    turn = itertools.cycle(devices)
    started = now = time.monotonic()
    cpu_before = time.process_time()
    owed, held_back, latest_tick = 0.0, 0, 0.0
    while now - started < seconds:
        before, now = now, time.monotonic()
        owed += (now - before) * rate
        latest_tick = max(latest_tick, now - before)
        for _ in range(int(owed)):
            device = next(turn)
            if device.sent - device.acknowledged < IN_FLIGHT:
                device.send()
            else:
                held_back += 1
        owed -= int(owed)
        for number, _ in poll.poll(0):
            by_number[number].read()
        time.sleep(max(0.0, TICK_S - (time.monotonic() - now)))
    took = time.monotonic() - started
    cpu = time.process_time() - cpu_before
    _hear_out(poll, by_number)
    sent = sum(device.sent for device in devices)
    return {
        "sent": sent,
        "acknowledged": sum(device.acknowledged for device in devices),
        "refused": sum(device.refused for device in devices),
        "held_back": held_back,
        "seconds": took,
        "cpu_us_a_message": cpu / max(1, sent) * 1e6,
        "longest_tick_ms": latest_tick * 1000,
    }


def _hear_out(poll: select.epoll, by_number: dict[int, LoadDevice], patience_s: float = 20.0) -> None:
    """Waits for what is not acknowledged yet; sends the rest of packets cut in the middle."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        for device in by_number.values():
            if device.unsent:
                try:
                    device.unsent = device.unsent[device.socket.send(device.unsent) :]
                except BlockingIOError:
                    continue
        if all(device.sent == device.acknowledged for device in by_number.values()):
            return
        for number, _ in poll.poll(0.05):
            by_number[number].read()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chain.load", description=__doc__)
    parser.add_argument("address", help="mqtt://host:port")
    parser.add_argument("devices_file", type=Path, help="{device id: secret}")
    parser.add_argument("--rate", type=float, default=7000, help="messages a second, of all devices together")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--first-at", type=float, default=0.0, help="Unix time of the first reading; 0: now")
    asked = parser.parse_args()
    secrets = json.loads(asked.devices_file.read_text())
    step_s = max(0.001, round(len(secrets) / asked.rate, 3))
    first_at = round(asked.first_at or time.time(), 3)
    devices = [LoadDevice(asked.address, name, secret, first_at, step_s) for name, secret in secrets.items()]
    print(json.dumps(generate(devices, asked.rate, asked.seconds)))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
