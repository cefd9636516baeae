"""The JSON of the lists that come from the reference tables, not from a model."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from classifier.gazetteer import Level
from service.schemas import AgencyOut, PlaceOut


class BodyOut(AgencyOut):
    """A body with its place, null for a national one; `reasons` says why it is not simply what was asked for."""

    place: PlaceOut | None
    reasons: list[str]


class BodiesOut(BaseModel):
    """The bodies that may answer at a place on a day; `notes` has `place-successor` if the code was an old one."""

    model_config = ConfigDict(extra="forbid")

    on: date
    place: PlaceOut | None
    agencies: list[BodyOut]
    notes: list[str]


class FoundPlace(PlaceOut):
    """A place with its level and its name up to the province."""

    level: Level
    path: str = Field(description="As a region field has it.", examples=["Kec. Gubeng, Kota Surabaya, Jawa Timur"])


class PlacesOut(BaseModel):
    """The places found, larger ones first; `notes` has `place-successor` if an old code or name was asked for."""

    model_config = ConfigDict(extra="forbid")

    places: list[FoundPlace]
    notes: list[str]
