"""The events of a device that have no receipt yet, on disk, so that a flat battery or a kill loses none."""

import sqlite3
from pathlib import Path

_DDL = """
CREATE TABLE IF NOT EXISTS unsettled (
    seq INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    kept_at REAL NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (device_id, event_id)
);
CREATE TABLE IF NOT EXISTS configured (device_id TEXT PRIMARY KEY, body BLOB NOT NULL);
"""


class EventStore:
    """One file for all devices of a process; `:memory:` where nothing shall survive."""

    def __init__(self, path: Path | str) -> None:
        if isinstance(path, Path):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_DDL)

    def keep(self, device_id: str, event_id: str, body: bytes, at: float) -> None:
        """`at` is Unix time."""
        self._db.execute(
            "INSERT OR IGNORE INTO unsettled (device_id, event_id, kept_at, body) VALUES (?, ?, ?, ?)",
            (device_id, event_id, at, body),
        )

    def settle(self, device_id: str, event_id: str) -> None:
        self._db.execute("DELETE FROM unsettled WHERE device_id = ? AND event_id = ?", (device_id, event_id))

    def unsettled(self, device_id: str) -> dict[str, bytes]:
        """Event id → body, oldest first."""
        rows = self._db.execute("SELECT event_id, body FROM unsettled WHERE device_id = ? ORDER BY seq", (device_id,))
        return dict(rows.fetchall())

    def forget_before(self, at: float) -> int:
        """Drops what has been repeated for longer than the wire promises; how many."""
        return self._db.execute("DELETE FROM unsettled WHERE kept_at < ?", (at,)).rowcount

    def configure(self, device_id: str, body: bytes) -> None:
        self._db.execute("INSERT OR REPLACE INTO configured (device_id, body) VALUES (?, ?)", (device_id, body))

    def configuration(self, device_id: str) -> bytes | None:
        row = self._db.execute("SELECT body FROM configured WHERE device_id = ?", (device_id,)).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        self._db.close()
