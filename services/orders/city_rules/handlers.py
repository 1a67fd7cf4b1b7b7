"""What can happen to the rules of a city. The caller owns the transaction."""

from services.accounts import audit
from services.accounts.model import Caller, Scope
from services.db.pool import Connection
from services.errors import DomainError, check_version
from services.orders.city_rules.store import CityRulesStore, Form, Kind


class CityRulesOnly(DomainError):
    code = "orders.city_rules_only"
    status = 403
    title = "These rules hold in the whole city; who answers for a part of it may not change them"


async def set_rules(tx: Connection, kind: Kind, rules: Form, *, version: int | None, by: Caller) -> None:
    """From the next moment on; an order that was placed keeps what it was told. What they were is kept in the audit.

    :raises CityRulesOnly: :raises StaleVersion:
    """
    check_city(by.scope)
    store = CityRulesStore(tx)
    before, current = await store.get(kind, to_edit=True)
    check_version(current, version)
    if rules == before:
        return
    await store.set(kind, rules)
    was, now = before.model_dump(mode="json"), rules.model_dump(mode="json")
    await audit.record(
        tx, actor_id=by.id, action=f"{kind}.changed", subject_type=kind, subject_id=str(current + 1), was=was, now=now
    )


def check_city(scope: Scope) -> None:
    """:raises CityRulesOnly:"""
    if not any(len(code) <= 4 for code in scope.region_codes):
        raise CityRulesOnly
