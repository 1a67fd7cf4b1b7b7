"""What pools of connections count by themselves, shown when `/metrics` is asked. Nothing is counted twice for it."""

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import REGISTRY, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg_pool import AsyncConnectionPool

Pool = AsyncConnectionPool[Any]


class PoolFigures(Collector):
    def __init__(self) -> None:
        self._pools: dict[str, Pool] = {}

    def add(self, pool: Pool) -> None:
        """:param pool: open; of two with one name only the last is shown"""
        self._pools[pool.name] = pool

    def remove(self, pool: Pool) -> None:
        if self._pools.get(pool.name) is pool:
            del self._pools[pool.name]

    def collect(self) -> Iterable[Metric]:
        connections = GaugeMetricFamily("yian_pool_connections", "open, by use", labels=["pool", "state"])
        limit = GaugeMetricFamily("yian_pool_connections_limit", "how many it may open", labels=["pool"])
        waiting = GaugeMetricFamily("yian_pool_waiting", "who waits for a connection now", labels=["pool"])
        requests = CounterMetricFamily("yian_pool_requests", "connections asked for", labels=["pool"])
        waited = CounterMetricFamily("yian_pool_wait_seconds", "waited for connections, all together", labels=["pool"])
        refused = CounterMetricFamily("yian_pool_refused", "waited in vain, and were refused", labels=["pool"])
        lost = CounterMetricFamily("yian_pool_connections_failed", "attempts to connect that failed", labels=["pool"])
        for name, pool in list(self._pools.items()):
            said: Mapping[str, int] = pool.get_stats()
            idle = said["pool_available"]
            connections.add_metric([name, "idle"], idle)
            connections.add_metric([name, "used"], said["pool_size"] - idle)
            limit.add_metric([name], said["pool_max"])
            waiting.add_metric([name], said.get("requests_waiting", 0))
            requests.add_metric([name], said.get("requests_num", 0))
            waited.add_metric([name], said.get("requests_wait_ms", 0) / 1000)
            refused.add_metric([name], said.get("requests_errors", 0))
            lost.add_metric([name], said.get("connections_errors", 0))
        return (connections, limit, waiting, requests, waited, refused, lost)


FIGURES = PoolFigures()
REGISTRY.register(FIGURES)
