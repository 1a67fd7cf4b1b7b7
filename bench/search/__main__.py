"""How long it takes to find an elder by name, initials, phone, device or address among 420,100: the query of
`GET /elders/search`, in the schema of the migrations, on one connection."""

import argparse
import asyncio
import random
import time
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from bench.program import run
from bench.tables import percentile, show
from services.accounts.model import Scope
from services.db.migrate import migrate
from services.db.pool import Connection, Database
from services.elders.searching import sought
from services.elders.store import ElderStore
from services.elders.vault import Vault
from yian.servers import PostgresServer

ELDERS = 420_100
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢单"
GIVEN = "秀英桂兰玉珍凤淑华建国明德福生玉梅春香金红军志强文海云翠芳菊花素琴爱莲永祥世全长贵树林喜荣佩瑶正义"
STREETS = ("幸福路", "人民路", "解放街", "青松里", "建设大道", "中山路", "文化巷", "新华街", "团结路", "滨河路")
TOWNS, A_TOWN = 120, "黄冈新区第{}街道"
KINDS = ("surname", "name", "part of a name", "initials", "two letters", "phone", "its end", "device", "street",
         "address", "name and street")  # fmt: skip


def name_of(chance: random.Random) -> str:
    surname = SURNAMES[int(len(SURNAMES) * chance.random() ** 2)]
    return surname + "".join(chance.choice(GIVEN) for _ in range(chance.choice((1, 2, 2, 2))))


def people(chance: random.Random) -> Iterator[tuple[UUID, str, str, str, str]]:
    """Id, name, phone, address, village."""
    for n in range(ELDERS):
        town = chance.randrange(TOWNS)
        address = (
            f"{A_TOWN.format(town)}{chance.choice(STREETS)}{chance.randrange(1, 400)}号{chance.randrange(1, 30)}栋"
        )
        yield UUID(int=n + 1), name_of(chance), f"139{n:08}", address, f"9901{town // 20 + 1:02}{town:03}001"


async def fill(tx: Connection, chance: random.Random) -> list[tuple[UUID, str, str, str, str]]:
    rows = list(people(chance))
    codes = sorted({row[4][:end] for row in rows for end in (4, 6, 9, 12)}, key=len)
    levels = {4: "city", 6: "county", 9: "street", 12: "village"}
    parents = {12: 9, 9: 6, 6: 4}
    for code in codes:
        parent = code[: parents[len(code)]] if len(code) > 4 else None
        await tx.execute("INSERT INTO regions VALUES (%s, %s, %s, %s)", (code, code, levels[len(code)], parent))
    await tx.execute("ALTER TABLE elders DISABLE TRIGGER audited")
    await tx.execute("ALTER TABLE contacts DISABLE TRIGGER audited")
    await tx.execute("ALTER TABLE device_bindings DISABLE TRIGGER audited")
    columns = "id, name, phone, address, region_code, sex, birth_date, ability_level, living_situation"
    async with tx.cursor() as cursor, cursor.copy(f"COPY elders ({columns}) FROM STDIN") as out:
        for row in rows:
            await out.write_row((*row, "female", date(1944, 3, 1), "mild", "alone"))
    await tx.execute(
        "INSERT INTO contacts (id, elder_id, position, name, relation, phone)"
        " SELECT gen_random_uuid(), id, 1, '家属', '女儿', '138' || right(phone, 8) FROM elders"
    )
    await tx.execute(
        "INSERT INTO devices (device_id, model, kind, credential_hash)"
        " SELECT 'W-' || right(phone, 8), 'W3', 'watch', '-' FROM elders WHERE right(phone, 1) IN ('0', '5')"
    )
    await tx.execute(
        "INSERT INTO device_bindings (id, device_id, elder_id) SELECT gen_random_uuid(), 'W-' || right(phone, 8), id"
        " FROM elders WHERE right(phone, 1) IN ('0', '5')"
    )
    return rows


def asked(kind: str, row: tuple[UUID, str, str, str, str], letters: str) -> str:
    _, name, phone, address, _ = row
    street = address[address.index("道") + 1 :]
    return {
        "surname": name[0], "name": name, "part of a name": name[1:], "initials": letters, "two letters": letters[:2],
        "phone": phone, "its end": phone[-4:], "device": f"W-{phone[-8:-1]}0", "street": street[:3], "address": street,
        "name and street": f"{name} {street[:3]}",
    }[kind]  # fmt: skip


async def compare(dsn: str, queries: int) -> list[dict[str, object]]:
    await migrate(dsn)
    db, vault, chance = Database(dsn, connections=2, name="bench"), Vault(bytes(32)), random.Random(1)
    await db.open()
    try:
        started = time.perf_counter()
        async with db.transaction() as tx:
            rows = await fill(tx, chance)
        filled_s = time.perf_counter() - started
        async with db.transaction() as tx:
            await tx.execute("ANALYZE elders, elder_search, contacts, device_bindings")
        return [
            await measured(db, vault, kind, chance.sample(rows, queries)) | {"filled in s": filled_s} for kind in KINDS
        ]
    finally:
        await db.close()


async def measured(
    db: Database, vault: Vault, kind: str, rows: list[tuple[UUID, str, str, str, str]]
) -> dict[str, object]:
    spent, hits = [], 0
    for row in rows:
        async with db.transaction() as tx:
            found = await tx.execute("SELECT keys FROM elder_search WHERE elder_id = %s", (row[0],))
            keys = (await found.fetchone() or {"keys": []})["keys"]
        letters = max((key[1:] for key in keys if key.startswith("i")), key=len, default="wx")
        wanted = sought(asked(kind, row, letters))
        begun = time.perf_counter()
        async with db.transaction() as tx:
            found_rows = await ElderStore(tx, vault).search(Scope(("9901",)), wanted, limit=13)
        spent.append((time.perf_counter() - begun) * 1000)
        hits += bool(found_rows)
    return {
        "by": kind, "queries": len(rows), "found somebody": hits, "p50 ms": percentile(spent, 0.5),
        "p99 ms": percentile(spent, 0.99), "max ms": max(spent),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--queries", type=int, default=300, metavar="N", help="of each kind (default %(default)s)")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    with PostgresServer(settings={"fsync": "off"}) as server:
        rows = asyncio.run(compare(server.dsn, wanted.queries))
    show(f"An elder among {ELDERS:,}", rows, as_json=wanted.json)


if __name__ == "__main__":
    run(main)
