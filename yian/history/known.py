"""What a simulated history takes from the city: its regions, devices, providers with their staff, and operators."""

from services.db.pool import Connection
from services.elders.model import DeviceKind
from services.elders.store_devices import DeviceStore
from services.elders.store_regions import packaged_regions
from yian.demo.market import provider_id
from yian.history.town import Known, Person

_PROVIDERS = """
SELECT p.id, p.name, ARRAY(SELECT region_code FROM provider_regions r WHERE r.provider_id = p.id ORDER BY 1) AS codes,
       ARRAY(SELECT w.id::text FROM workers w WHERE w.provider_id = p.id ORDER BY w.id) AS worker_ids,
       ARRAY(SELECT w.name FROM workers w WHERE w.provider_id = p.id ORDER BY w.id) AS worker_names
  FROM providers p ORDER BY p.licence_number
"""


async def known_of(tx: Connection) -> Known:
    devices: dict[DeviceKind, list[str]] = {}
    for device in sorted(await DeviceStore(tx).all(), key=lambda one: one.device_id):
        devices.setdefault(device.kind, []).append(device.device_id)
    cursor = await tx.execute(_PROVIDERS.encode())
    providers = [
        (
            Person(row["id"], row["name"]),
            tuple(row["codes"]),
            tuple(Person(*one) for one in zip(row["worker_ids"], row["worker_names"], strict=True)),
        )
        for row in await cursor.fetchall()
    ]
    cursor = await tx.execute("SELECT id, name FROM accounts WHERE role = 'operator' ORDER BY username")
    operators = [Person(row["id"], row["name"]) for row in await cursor.fetchall()]
    return Known(regions=packaged_regions(), devices=devices, providers=providers, operators=operators)


async def is_demo(tx: Connection) -> bool:
    """The city was founded with the demo's providers."""
    cursor = await tx.execute("SELECT 1 FROM providers WHERE id = %s", (provider_id(1),))
    return await cursor.fetchone() is not None
