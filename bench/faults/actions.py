"""The faults: each is a function that damages the platform at one moment and repairs it again.

Two proxies stand between parts of the platform, so that a process can be killed between two of its messages.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import psycopg

from bench.chain.generator import Generator
from bench.faults.outside import Outside
from bench.faults.proxy import Proxy
from bench.faults.side_door import KafkaWithSideDoor
from bench.stack import OPERATOR, Child, Stack
from yian.servers.ports import free_port

PRESSES_PER_S = 8.0
FLOOD_S = 10.0
FLOODERS = ("presses", "broken", "reconnects")
"""Garbage of which no id can be told is not among them: nobody could say how often it was answered."""


@dataclass
class World:
    """The platform, the world outside it, and the two proxies between its parts."""

    stack: Stack
    kafka: KafkaWithSideDoor
    outside: Outside
    mqtt_proxy: Proxy
    bus_proxy: Proxy
    chance: random.Random

    def child(self, name: str) -> Child:
        return self.stack.children[name]

    def kill_and_restart(self, name: str, away_s: float = 1.0) -> None:
        self.child(name).kill()
        time.sleep(away_s)
        self.child(name).start()

    def cases_in_database(self) -> int:
        """Only to find the moment for a fault, never to judge."""
        with psycopg.connect(self.stack.postgres.dsn) as connection:
            found = connection.execute("SELECT coalesce(sum(press_count), 0) FROM alarm_cases").fetchone()
        return int(found[0]) if found else 0

    def wait_for(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                raise TimeoutError("the moment for the fault never came")
            time.sleep(0.002)


def gateway_before_publish(world: World) -> None:
    """Frozen while presses arrive at its socket, then killed, so it never saw them."""
    world.stack.children["gateway"].freeze()
    world.outside.press_now(10)
    time.sleep(0.5)
    world.kill_and_restart("gateway")


def gateway_before_bus_ack(world: World) -> None:
    """Kafka is frozen, so that what the gateway published is not acknowledged when it dies."""
    world.kafka.pause()
    world.outside.press_now(10)
    time.sleep(1.0)
    world.child("gateway").kill()
    world.kafka.resume()
    world.child("gateway").start()


def gateway_before_puback(world: World) -> None:
    """What the gateway says to the broker is held: the bus has the presses, neither broker nor device knows."""
    before = world.cases_in_database()
    world.outside.call(world.mqtt_proxy.hold)
    time.sleep(0.1)
    world.outside.press_now(10)
    world.wait_for(lambda: world.cases_in_database() > before + 5)
    world.child("gateway").kill()
    world.outside.call(world.mqtt_proxy.cut)
    world.outside.call(world.mqtt_proxy.release)
    time.sleep(1.0)
    world.child("gateway").start()


def alarms_before_offset_commit(world: World) -> None:
    """What the process of alarms says to Kafka is held: its transaction is committed, its offset is not.

    The records come with the fetch that waits in Kafka already; where none does just then, it is tried again.
    """
    world.outside.press_at(0)
    for _ in range(10):
        time.sleep(0.7)
        before = world.cases_in_database()
        world.outside.call(world.bus_proxy.hold)
        world.outside.press_now(10)
        try:
            world.wait_for(lambda before=before: world.cases_in_database() > before, 3)  # type: ignore[misc]
            break
        except TimeoutError:
            world.outside.call(world.bus_proxy.release)
    else:
        raise TimeoutError("the moment for the fault never came")
    world.child("alarms").kill()
    world.outside.call(world.bus_proxy.cut)
    world.outside.call(world.bus_proxy.release)
    time.sleep(1.0)
    world.child("alarms").start()
    world.outside.press_at(PRESSES_PER_S)


def mosquitto_killed(world: World) -> None:
    world.stack.mosquitto.kill()
    world.outside.press_now(10)
    time.sleep(1.0)
    world.stack.mosquitto.start()


def kafka_killed(world: World) -> None:
    world.kafka.kill()
    world.outside.press_now(10)
    time.sleep(1.0)
    world.kafka.start()


def kafka_frozen(world: World, seconds: float = 30.0) -> None:
    world.kafka.pause()
    world.outside.press_now(10)
    time.sleep(seconds)
    world.kafka.resume()


def postgres_restarted(world: World) -> None:
    world.stack.postgres.restart()
    world.outside.press_now(10)


def app_restarted(world: World) -> None:
    """While consoles are open; cases that opened meanwhile must be on them afterwards."""
    world.child("app").kill()
    world.outside.press_now(10)
    time.sleep(1.0)
    world.child("app").start()


def flooded(world: World, name: str) -> None:
    """By one device, while the others press; all it was answered for must be counted."""
    device_id = f"X-{name}"
    words = ["-m", "bench.floods.flooder", world.stack.mosquitto.address, str(world.stack.devices_file)]
    figures = Generator([*words, device_id, name, "--seconds", str(FLOOD_S)]).answer()
    world.outside.floods[device_id, "help_request"] += figures["accepted"]
    world.outside.floods[device_id, "garbled"] += figures["rejected"]


FAULTS: dict[str, Callable[[World], None]] = {
    "gateway killed before the publish": gateway_before_publish,
    "gateway killed between publish and bus ack": gateway_before_bus_ack,
    "gateway killed between bus ack and PUBACK": gateway_before_puback,
    "Mosquitto killed": mosquitto_killed,
    "Kafka killed": kafka_killed,
    "Kafka frozen for 30 s": kafka_frozen,
    "alarms killed between database and offset commit": alarms_before_offset_commit,
    "PostgreSQL restarted": postgres_restarted,
    "app restarted under open consoles": app_restarted,
    "flood of 2,000 help requests a second": partial(flooded, name="presses"),
    "flood of garbage, 60 KB 200 times a second": partial(flooded, name="broken"),
    "a device that connects 50 times a second": partial(flooded, name="reconnects"),
}


def opened(stack: Stack, kafka: KafkaWithSideDoor, devices: int, chance: random.Random) -> World:
    """Starts the processes behind the proxies, the devices and two consoles."""
    stack.migrate()
    outside = Outside(
        stack.mosquitto.address,
        stack.allow([f"F-{number:03}" for number in range(devices)]),
        stack.directory,
        chance,
    )
    stack.allow([f"X-{name}" for name in FLOODERS])
    mqtt_proxy = outside.proxy(free_port(), stack.mosquitto.inside_port)
    bus_proxy = outside.proxy(kafka.side_advertised_port, kafka.side_port)
    stack.add("gateway", YIAN_GATEWAY_LANES="event", YIAN_MQTT=f"mqtt://127.0.0.1:{mqtt_proxy.port}").start()
    stack.add("gateway-bulk", "gateway", YIAN_GATEWAY_LANES="bulk").start()
    stack.add("alarms", YIAN_BUS=kafka.side_address).start()
    stack.add("worker").start()
    app = stack.add("app").start()
    for child in stack.children.values():
        child.wait_ready()
    outside.start()
    for _ in range(2):
        outside.open_console(console_address(app), OPERATOR, stack.operator_password)
    return World(stack, kafka, outside, mqtt_proxy, bus_proxy, chance)


def console_address(app: Child) -> str:
    return f"http://127.0.0.1:{app.setting('YIAN_HTTP_PORT')}"
