"""The place in a written agency name: the words around the agency's own name, read as a region field."""

from collections.abc import Sequence

from classifier.agency_seats import bare_name
from classifier.gazetteer import Place
from classifier.names import Match
from classifier.places import Resolution

# What stands between a body and its place, and says nothing about either.
_OFFICES = """
admin area bapak bapk bpk cab cabang daerah di ditempat divisi divre gerai ibu induk jalan kacab kanca kantor kanwil
kc kcp kcu kelas kepala khusus klas kls layanan mohon bantuan pembantu perwakilan pemerintah persero program bpnt rastra
regional resort ro suku tbk team tim tpi unit uptd upt wilayah yth i ii iii iv v vi vii viii ix x xi xii xiii xiv
"""
_OFFICE_WORDS = frozenset(_OFFICES.split())
_GOVERNMENTS = frozenset({"pemerintah-daerah", "kecamatan", "kelurahan", "desa", "polri"})
_CUES = (  # (words in the names of governments, the word that a region field would use)
    (("walikota", "pemkot", "kotamadya", "polrestabes", "polresta"), "kota"),
    (("bupati", "pemkab"), "kabupaten"),
    (("gubernur", "pemprov"), "provinsi"),
    (("kecamatan", "camat", "distrik", "kapanewon", "kemantren", "polsek"), "kecamatan"),
    (("kelurahan", "lurah"), "kelurahan"),
    (("desa", "kades", "pemdes", "kalurahan"), "desa"),
)
_CUE_OF = {word: cue for words, cue in _CUES for word in words}
_TOWN_OR_COUNTY = frozenset({"kota", "kab", "kabupaten"})
_ENDS = _TOWN_OR_COUNTY | {"provinsi"}  # "Inspektorat Kota"


def region_of(match: Match) -> str:
    """Write the words around an agency's name as a region field."""
    words = [word for word in (*match.before, *match.after) if word not in _OFFICE_WORDS]
    if words and words[-1] in _TOWN_OR_COUNTY:  # "Bekasi Kota"
        words = [words[-1], *words[:-1]]
    cue = match.name[-1] if match.name[-1] in _ENDS else None
    if match.label.code in _GOVERNMENTS:
        cue = next((_CUE_OF[word] for word in match.name if word in _CUE_OF), cue)
    return " ".join([cue, *words] if cue and words else words)


def place_kind(words: Sequence[str]) -> str | None:
    """Return "kota", "kabupaten" or "provinsi" if a word of a government's name tells it ("pemkot")."""
    kinds = (_CUE_OF.get(word, word) for word in words)
    return next(("kabupaten" if kind == "kab" else kind for kind in kinds if kind in _ENDS), None)


def certain(found: Resolution, towns: bool) -> Place | None:
    """Return the place if there is one; `towns`: the offices of a national body are in the town of two of one name."""
    best, first = found.best, next(iter(found.candidates), None)
    if best and first and (best.place == first.place or best.place.level != "province"):
        return best.place
    if towns and first:
        likely = [one.place for one in found.candidates if one.probability > 0.8 * first.probability]
        cities = [place for place in likely if place.name.startswith("Kota ")]
        return cities[0] if len(cities) == 1 and len({bare_name(place) for place in likely}) == 1 else None
    return None
