"""Where somebody lives or sets out from: kept as WGS-84, in whatever datum it was given."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from contracts.datum import Datum, to_wgs84


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Degrees, WGS-84; `source_datum` is what it was given in."""

    lat: float
    lon: float
    source_datum: str = "WGS-84"


class Place(BaseModel):
    """As it is filled in."""

    model_config = ConfigDict(extra="forbid")
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    datum: Datum = Field(default="WGS-84", description="of these numbers; kept is WGS-84")

    def location(self) -> Location:
        lat, lon = to_wgs84(self.lat, self.lon, self.datum)
        return Location(lat=lat, lon=lon, source_datum=self.datum)
