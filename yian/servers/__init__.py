"""Real servers as child processes, started with the files of deploy/: one way for `yian up`, the tests and the benches.

with PostgresServer() as postgres, MosquittoServer() as mosquitto, KafkaServer() as kafka:
    postgres.dsn, mosquitto.address, kafka.address
"""

from yian.servers.amqtt import AmqttServer
from yian.servers.kafka import KafkaServer
from yian.servers.mosquitto import MosquittoServer
from yian.servers.ports import free_port
from yian.servers.postgres import PostgresServer
from yian.servers.process import ServerError, ServerMissing, ServerProcess

__all__ = [
    "AmqttServer",
    "KafkaServer",
    "MosquittoServer",
    "PostgresServer",
    "ServerError",
    "ServerMissing",
    "ServerProcess",
    "free_port",
]
