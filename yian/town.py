"""The demo city as `yian up` founds it: who may sign in, and what the simulator may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from yian.demo.city import found_city
from yian.up.city import Secrets


@dataclass(frozen=True, slots=True)
class DemoUser:
    username: str
    what: str


DEMO_USERS = (
    DemoUser("operator", "坐席: the console, the whole city"),
    DemoUser("operator2", "坐席: a second operator, to claim against"),
    DemoUser("operator.daye", "坐席: 大冶市 only"),
    DemoUser("supervisor", "值班长: the duty supervisor"),
    DemoUser("family", "子女: one elder's family"),
    DemoUser("regulator", "民政: providers and the catalogue of services"),
    DemoUser("provider", "服务商: the staff of one provider and its shifts"),
    DemoUser("worker", "服务人员: the day's visits on a telephone"),
)


@dataclass(frozen=True, slots=True)
class Town:
    note: str
    credentials: dict[str, str] = field(default_factory=dict)
    """Of the devices that were provisioned just now."""
    homes: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Device id to latitude and longitude of its bearer's home."""


async def found(variables: Mapping[str, str], secrets: Secrets, *, elders: int, say: Callable[[str], None]) -> Town:
    """Idempotent: a second time nobody is added."""
    made = await found_city(
        variables["YIAN_DATABASE"],
        secrets.key,
        elders=elders,
        passwords=secrets.account_passwords,
        with_a_day=True,
        on_progress=say,
    )
    new = dict(made.credentials)
    return Town(f"{len(new)} devices provisioned" if new else "as it was", new, made.homes)
