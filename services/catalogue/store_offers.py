"""The SQL of offers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.catalogue.model import OfferVersion
from services.db.pool import Connection


def _offer(row: dict[str, Any]) -> OfferVersion:
    return OfferVersion(**row | {"region_codes": tuple(row["region_codes"])})


class OfferStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def of_providers(self, provider_ids: Sequence[UUID], service_code: str | None = None) -> list[OfferVersion]:
        """Every version of every offer (of one service, with `service_code`), by service, oldest first."""
        cursor = await self._tx.execute(
            "SELECT provider_id, service_code, version, valid_from, price_fen, region_codes, withdrawn"
            " FROM offer_versions WHERE provider_id = ANY (%(providers)s)"
            " AND (%(code)s::text IS NULL OR service_code = %(code)s) ORDER BY service_code, provider_id, version",
            {"providers": list(provider_ids), "code": service_code},
        )
        return [_offer(row) for row in await cursor.fetchall()]

    async def add(self, offer: OfferVersion, *, by: UUID | None) -> bool:
        """False, and nothing written: there is this version already."""
        cursor = await self._tx.execute(
            "INSERT INTO offer_versions (provider_id, service_code, version, valid_from, price_fen, region_codes,"
            " withdrawn, made_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (
                offer.provider_id, offer.service_code, offer.version, offer.valid_from, offer.price_fen,
                list(offer.region_codes), offer.withdrawn, by,
            ),
        )  # fmt: skip
        return cursor.rowcount == 1
