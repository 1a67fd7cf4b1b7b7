"""Instances of our own for vehicle routing with time windows, written in Solomon's format and as VRPLIB.

`python -m bench.vrptw.towns FOLDER`: towns of 25, 100 and 200 customers, scattered, clustered and mixed. The same seed
gives the same files; the reference `.sol` files in tests/data/vrptw are the best of long runs of `bench.vrptw --out`.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from bench.vrptw.instances import Floats

SIDE, CLOSES, SERVICE, CAPACITY = 140, 1000, 10, 200
TOWNS = (("scattered", 25, 0.0), ("clustered", 100, 1.0), ("mixed", 200, 0.5))


def town(name: str, customers: int, share: float, seed: int) -> tuple[str, str]:
    """(Solomon, VRPLIB) text. `share` of the customers live in clusters; three in four have a window."""
    rng = np.random.default_rng(seed)
    depot = np.array([[SIDE // 2, SIDE // 2]])
    centres = rng.integers(15, SIDE - 15, (max(2, customers // 20), 2))
    near = centres[rng.integers(0, len(centres), customers)] + np.rint(rng.normal(0, 5, (customers, 2)))
    far = rng.integers(0, SIDE, (customers, 2))
    place = np.where(rng.random((customers, 1)) < share, np.clip(near, 0, SIDE), far)
    away = np.ceil(np.hypot(*(place - depot).T))
    middle = rng.uniform(away, CLOSES - away - SERVICE)
    half = np.where(rng.random(customers) < 0.75, rng.integers(15, 90, customers), CLOSES)
    opens = np.rint(np.clip(middle - half, 0, None))
    closes = np.rint(np.clip(middle + half, away, CLOSES - away - SERVICE))
    customer_rows = np.column_stack([place, rng.integers(1, 30, customers), opens, closes, np.full(customers, SERVICE)])
    rows = np.vstack([[*depot[0], 0, 0, CLOSES, 0], customer_rows])
    return _solomon(name, customers // 4 + 4, rows), _vrplib(name, customers // 4 + 4, rows)


def _solomon(name: str, vehicles: int, rows: Floats) -> str:
    head = f"{name}\n\nVEHICLE\nNUMBER     CAPACITY\n{vehicles:4d}{CAPACITY:12d}\n\nCUSTOMER\n"
    titles = "CUST NO.  XCOORD.  YCOORD.  DEMAND  READY TIME  DUE DATE  SERVICE TIME\n\n"
    lines = ["".join(f"{int(value):9d}" for value in (number, *row)) for number, row in enumerate(rows)]
    return head + titles + "\n".join(lines) + "\n"


def _vrplib(name: str, vehicles: int, rows: Floats) -> str:
    numbered = [(number, *(int(value) for value in row)) for number, row in enumerate(rows, start=1)]
    sections: dict[str, list[tuple[int, ...]]] = {
        "NODE_COORD_SECTION": [(n, x, y) for n, x, y, *_ in numbered],
        "DEMAND_SECTION": [(n, demand) for n, _, _, demand, *_ in numbered],
        "TIME_WINDOW_SECTION": [(n, opens, closes) for n, _, _, _, opens, closes, _ in numbered],
        "SERVICE_TIME_SECTION": [(n, service) for n, *_, service in numbered],
        "DEPOT_SECTION": [(1,), (-1,)],
    }
    head = [
        f"NAME : {name}",
        "TYPE : VRPTW",
        f"DIMENSION : {len(rows)}",
        f"VEHICLES : {vehicles}",
        f"CAPACITY : {CAPACITY}",
        "EDGE_WEIGHT_TYPE : EUC_2D",
    ]
    body = [line for title, table in sections.items() for line in (title, *(" ".join(map(str, row)) for row in table))]
    return "\n".join([*head, *body, "EOF", ""])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.vrptw.towns", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for kind, customers, share in TOWNS:
        name = f"{kind}-{customers}"
        solomon, vrplib = town(name, customers, share, arguments.seed)
        (arguments.folder / f"{name}.txt").write_text(solomon)
        (arguments.folder / f"{name}.vrp").write_text(vrplib)
        print(arguments.folder / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
