"""Tells every app process when an account changes or a session ends, so that open connections can react. The database
notifies them."""

from services.db.doorbells import Doorbells
from services.db.pool import Database

CHANNEL = "account_changed"


class AccountChanges(Doorbells):
    def __init__(self, db: Database) -> None:
        super().__init__(db, CHANNEL)
