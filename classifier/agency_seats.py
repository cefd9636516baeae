"""Where the body of an archetype sits for a place, and what it is called there."""

from classifier.agency_rows import AgencyLevel, AgencyRow
from classifier.gazetteer import Level, Place

LEVEL_OF: dict[Level, AgencyLevel] = {
    "province": "provinsi",
    "regency": "kabkota",
    "district": "kecamatan",
    "village": "desa",
}
VILLAGE_OFFICES = frozenset({"desa", "kelurahan"})
_KINDS_OF_PLACES = frozenset({"Kota", "Kabupaten", "Kecamatan", "Distrik", "Kelurahan", "Desa"})
_JAKARTA = "31"  # its kota are no governments of their own: Law 2/2024 (before: 29/2007)
_JAKARTA_PROVINCE_ONLY = frozenset({"lembaga-daerah", "bumd", "bank", "sekretariat"})
_JAKARTA_SUKU = frozenset({"dinas", "badan-daerah"})


def seat_of(row: AgencyRow, chain: tuple[Place, ...]) -> Place | None:
    """Return the nearest of a place and those it lies in (`chain`) where a body of that row can be, None if none."""
    return next((place for place in chain if LEVEL_OF[place.level] in row.levels and _allowed(row, place)), None)


def _allowed(row: AgencyRow, place: Place) -> bool:
    if place.level == "village" and row.id in VILLAGE_OFFICES:
        return place.name.startswith("Kelurahan") == (row.id == "kelurahan")
    jakarta_city = place.level == "regency" and place.code.startswith(_JAKARTA)
    return not (jakarta_city and row.kind in _JAKARTA_PROVINCE_ONLY)


def name_at(row: AgencyRow, chain: tuple[Place, ...]) -> str:
    """Write the name of the body of `row` at the first place of `chain`, as people write it."""
    seat = chain[0]
    office = row.offices.get(LEVEL_OF[seat.level])
    where = " ".join(_written(place) for place in chain if place.level != "province" or place is seat)
    if office:
        return office.format(place=where, short=_office_town(seat))
    if row.id in (seat.name.split()[0].lower(), "kecamatan"):  # the place's name says what its government is
        return where
    suku = seat.level == "regency" and seat.code.startswith(_JAKARTA) and row.kind in _JAKARTA_SUKU
    return f"{'Suku ' if suku else ''}{row.name} {where}"


def _written(place: Place) -> str:
    named_as_one = place.level != "province" or place.name.startswith("Daerah Istimewa")
    return place.name if named_as_one else f"Provinsi {place.name}"


def _office_town(place: Place) -> str:
    """Write a town as offices do, "Padang"; a kabupaten keeps its kind, which tells it from the town of its name."""
    return place.name.removeprefix("Kota ").removeprefix("Administrasi ")


def bare_name(place: Place) -> str:
    """Return the name without what kind of place it is: "Bandung", "Gubeng", "Kota Sigli" of "Kecamatan Kota Sigli"."""
    kind, _, name = place.name.partition(" ")
    return name.removeprefix("Administrasi ") if name and kind in _KINDS_OF_PLACES else place.name
