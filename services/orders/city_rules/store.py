"""The SQL of what a city may set: one row for orders, one for welfare visits."""

from typing import Any, Literal

from psycopg.types.json import Jsonb

from services.db.pool import Connection
from services.orders.city_rules.forms import OrderRulesForm, WelfareRulesForm

Kind = Literal["order_rules", "welfare_rules"]
Form = OrderRulesForm | WelfareRulesForm
FORMS: dict[Kind, type[Form]] = {"order_rules": OrderRulesForm, "welfare_rules": WelfareRulesForm}


class CityRulesStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def get(self, kind: Kind, *, to_edit: bool = False) -> tuple[Form, int]:
        """The rules and their version. `to_edit`: nobody else changes them until the transaction ends."""
        form = FORMS[kind]
        columns = ", ".join(form.model_fields)
        cursor = await self._tx.execute(
            f"SELECT {columns}, version FROM {kind}{' FOR UPDATE' if to_edit else ''}"  # noqa: S608
        )
        row = await cursor.fetchone()
        assert row is not None
        version: int = row.pop("version")
        return form.model_validate(row), version

    async def set(self, kind: Kind, rules: Form) -> None:
        values = {name: _kept(value) for name, value in rules.model_dump(mode="json").items()}
        told = ", ".join(f"{name} = %({name})s" for name in values)
        await self._tx.execute(f"UPDATE {kind} SET {told}, version = version + 1", values)  # noqa: S608


def _kept(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, list) else value
