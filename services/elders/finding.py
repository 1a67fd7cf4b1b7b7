"""Finds the elder whom somebody describes who may not see the register."""

from uuid import UUID

from services.accounts.grants.handlers import FindElder
from services.accounts.grants.model import Described
from services.db.pool import Connection
from services.elders.rules import digits_of_phone
from services.elders.store import ElderStore
from services.elders.vault import Vault


def finding(vault: Vault) -> FindElder:
    async def find(tx: Connection, described: Described) -> UUID | None:
        """The only one who fits in everything. An elder whose identity number nobody has registered fits without it:
        whoever confirms the grant speaks with her."""
        store = ElderStore(tx, vault)
        digits = digits_of_phone(described.phone) if described.phone else None
        fits = []
        for elder_id in await store.named(described.name, digits=digits, device_id=described.device_id):
            number = await store.identity_number(elder_id)
            if number is None or number.endswith(described.identity_last_four):
                fits.append(elder_id)
        return fits[0] if len(fits) == 1 else None

    return find
