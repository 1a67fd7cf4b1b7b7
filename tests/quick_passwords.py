"""Passwords for accounts that tests make by the hundred; tests/unit/test_account_rules.py has real ones."""

from pwdlib.hashers.argon2 import Argon2Hasher

from services.accounts.passwords import Passwords


def quick_passwords() -> Passwords:
    return Passwords(argon2=Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))
