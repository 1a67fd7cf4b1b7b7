"""`yian devices …`: creates credentials, shows them once, and writes them to the broker's files."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

from services.db.pool import Connection, Database
from services.elders.handlers import (
    EVERYWHERE,
    bind_device,
    device_password_hashes,
    list_devices,
    provision_device,
    renew_credential,
    revoke_device,
    unbind_device,
)
from services.elders.model import Device, DeviceKind
from yian.doctor.mqtt_probe import NoAnswer, Probe
from yian.servers.mqtt import write_access_files
from yian.servers.passwords import GATEWAY_USER, read_password_file, write_password_file
from yian.surroundings import Surroundings
from yian.up.trouble import Trouble

_READS_WITHIN_S = 0.3
"""A broker that is told to read its files again does so between two turns of its loop."""


async def provision(
    around: Surroundings, device_ids: Sequence[str], *, model: str, kind: DeviceKind, renew: bool
) -> dict[str, str]:
    """All or none. Returns device id to password, which nobody can show again."""
    db = await _opened(around)
    try:
        async with db.transaction() as tx:
            return {name: await _one(tx, name, model=model, kind=kind, renew=renew) for name in device_ids}
    finally:
        await db.close()


async def _one(tx: Connection, device_id: str, *, model: str, kind: DeviceKind, renew: bool) -> str:
    if renew:
        return await renew_credential(tx, device_id)
    return await provision_device(tx, device_id, model=model, kind=kind)


async def known(around: Surroundings) -> list[Device]:
    db = await _opened(around)
    try:
        async with db.transaction() as tx:
            return await list_devices(tx)
    finally:
        await db.close()


async def bind(around: Surroundings, device_id: str, elder_id: UUID, *, move: bool) -> None:
    db = await _opened(around)
    try:
        async with db.transaction() as tx:
            await bind_device(tx, device_id, elder_id, scope=EVERYWHERE, move=move)
    finally:
        await db.close()


async def unbind(around: Surroundings, device_id: str) -> None:
    db = await _opened(around)
    try:
        async with db.transaction() as tx:
            await unbind_device(tx, device_id, scope=EVERYWHERE)
    finally:
        await db.close()


async def revoke(around: Surroundings, device_ids: Sequence[str]) -> None:
    """All or none."""
    db = await _opened(around)
    try:
        async with db.transaction() as tx:
            for device_id in device_ids:
                await revoke_device(tx, device_id, scope=EVERYWHERE)
    finally:
        await db.close()


def throw_off(around: Surroundings, device_ids: Sequence[str]) -> None:
    """Ends connections and sessions of these devices by connecting with their client ids, which the gateways' listener
    allows.

    A broker that reads its password file again ends them by itself; one that knows devices by certificates does not.

    :raises NoAnswer: when the broker does not let us in
    """
    user, password = around.get("YIAN_MQTT_USERNAME"), around.get("YIAN_MQTT_PASSWORD")
    for device_id in device_ids:
        with Probe(around.need("YIAN_MQTT"), user, password, client_id=device_id):
            pass


async def carry(around: Surroundings, config: Path, pid: int | None) -> bool:
    """Brings the broker's password file up to date with the database, and ends the connections and sessions of devices
    that were revoked or have a new credential.

    Returns whether anything had changed.
    """
    hashes = await export(around)
    file = config / "devices"
    before = read_password_file(file) if file.exists() else {}
    if file.exists() and before == hashes:
        return False
    write_export(hashes, config)
    changed = [device_id for device_id, known in before.items() if hashes.get(device_id) != known]
    reachable = around.get("YIAN_MQTT") is not None
    if pid is not None:
        if reachable:
            # First end their sessions: a Mosquitto before 2.1 takes badly to one of an absent device (decision 15).
            with contextlib.suppress(NoAnswer):
                throw_off(around, changed)
        tell_broker(pid)
        await asyncio.sleep(_READS_WITHIN_S)
    if reachable:
        throw_off(around, changed)
    return True


async def export(around: Surroundings) -> dict[str, str]:
    """Device id to `$7$…` of every device in use."""
    db = await _opened(around)
    try:
        async with db.transaction() as tx:
            return await device_password_hashes(tx)
    finally:
        await db.close()


def write_export(hashes: Mapping[str, str], config: Path, *, gateway_hash: str | None = None) -> None:
    """Into the folder that the broker reads as config/.

    :param gateway_hash: also write the gateways' password and the access rules of this release; None: only the devices'
    passwords
    :raises Trouble: when `config` is no folder
    """
    if not config.is_dir():
        raise Trouble(f"{config} is not a folder: name the one that the broker reads as config/.")
    write_password_file(config / "devices", hashes)
    if gateway_hash is not None:
        write_password_file(config / "gateways", {GATEWAY_USER: gateway_hash})
        write_access_files(config)


def broker_of(around: Surroundings) -> tuple[Path, int] | None:
    """Configuration folder and pid of the broker `yian up` runs here; None where none runs."""
    for name in ("mosquitto", "amqtt"):
        pid_file = around.data.of(name) / "pid"
        config = around.data.of(name) / "config"
        if pid_file.exists() and config.exists() and _alive(pid := int(pid_file.read_text())):
            return config, pid
    return None


def tell_broker(pid: int) -> None:
    """Makes the broker read its files again; it disconnects devices that are no longer allowed."""
    try:
        os.kill(pid, signal.SIGHUP)
    except ProcessLookupError:
        raise Trouble(f"The broker (pid {pid}) is not running: it will read the file when it starts.") from None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def _opened(around: Surroundings) -> Database:
    db = Database(around.database, connections=2, name="yian devices")
    await db.open()
    return db
