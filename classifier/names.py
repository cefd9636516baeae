"""How written names are compared: by their words, whole or inside a longer label."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from classifier.records import Label

_WORD = re.compile(r"[^\W_]+")
_CONJUNCTIONS = frozenset({"dan", "serta"})  # "Koperasi, Usaha Kecil dan Menengah" is also written without
_SPELLINGS = (
    (re.compile(r"\bkementrian\b"), "kementerian"),
    (re.compile(r"\bjendral\b"), "jenderal"),
    (re.compile(r"\bpemukiman\b"), "permukiman"),
    (re.compile(r"\bperijinan\b"), "perizinan"),
    (re.compile(r"\bholtikultura\b"), "hortikultura"),
    (re.compile(r"\bwali kota\b"), "walikota"),
    (re.compile(r"\bolah raga\b"), "olahraga"),
    (re.compile(r"\bcatatan sipil\b"), "pencatatan sipil"),
)
_WHOLE_GOVERNMENT = "pemerintah-daerah"  # its parts are meant when one of them stands beside it


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a reference table: a label, the other names that it goes by, and the codes that came after it.

    `retired` marks what exists no more; its successors stand with the one first that took most of its complaints.
    """

    label: Label
    aliases: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    retired: bool = False

    def names(self) -> tuple[str, ...]:
        """Return every written form: code, official name, aliases."""
        return self.label.code, self.label.name, *self.aliases

    def qualified_names(self) -> tuple[str, ...]:
        """Return every written form of a topic with its main topic in front, as "Kesehatan / Pelayanan Obat"."""
        return tuple(f"{self.label.group} / {name}" for name in (self.label.name, *self.aliases))


def name_key(written: str) -> str:
    """Return the words of a name, lower-case and with usual spelling slips mended: equal for equal names."""
    words = _WORD.findall(unicodedata.normalize("NFKC", written).casefold())
    key = " ".join(word for word in words if word not in _CONJUNCTIONS)
    for slip, spelling in _SPELLINGS:
        key = slip.sub(spelling, key)
    return key


def meant_by(named: Iterable[tuple[Label, tuple[str, ...]]]) -> dict[str, list[Label]]:
    """Return key -> every label that one of its names makes it mean."""
    meanings: defaultdict[str, dict[str, Label]] = defaultdict(dict)
    for label, names in named:
        for name in names:
            meanings[name_key(name)][label.code] = label
    return {key: list(labels.values()) for key, labels in meanings.items()}


@dataclass(frozen=True, slots=True)
class Names:
    """Whole names: a written label means what its key means, if that is one label."""

    meanings: Mapping[str, Sequence[Label]]

    def find(self, written: str) -> Label | None:
        """Return the one label of that name, None for an unknown or ambiguous one."""
        return self.keyed(name_key(written))

    def keyed(self, key: str) -> Label | None:
        """Return the same for a name's key."""
        labels = self.meanings.get(key, ())
        return labels[0] if len(labels) == 1 else None


@dataclass(frozen=True, slots=True)
class Match:
    """An agency's name inside a label: the words before it, its own and those after it, as `name_key` writes them."""

    label: Label
    before: tuple[str, ...]
    name: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Order matches of one label, the one that is meant first."""
        return self.label.code == _WHOLE_GOVERNMENT, len(self.name) == 1, len(self.before)


class AgencyNames:
    """Names inside a longer label, because an agency is written with its place, branch, unit or owner around it.

    "Dinas Kesehatan Kab. X", "BPJS Kesehatan KC X", "Kecamatan X", "Suku Dinas Perhubungan X" and "Direktorat Y,
    Kementerian Z" all contain the name of a row. Where several do, the local government as a whole gives way to its
    part and a one-word name to a longer one; then the first wins, at its longest. So a body with several functions
    ("Dinas Sosial dan Tenaga Kerja") answers to its first, unless the table knows the whole name. A one-word alias
    ("Desa", "BRI") counts only at the start. A name that a living body took over from a retired one means the living.
    """

    def __init__(self, agencies: Sequence[Entry]) -> None:
        self._names = Names(_agency_names(agencies))
        self._official = {name_key(agency.label.name) for agency in agencies}
        self._longest = max((len(key.split()) for key in self._names.meanings), default=0)

    def find(self, written: str) -> Label | None:
        """Return the agency that the label names, None if it names none."""
        match = self.match(written)
        return None if match is None else match.label

    def match(self, written: str) -> Match | None:
        """Return where the label names which agency, None if it names none."""
        key = name_key(written)
        words = tuple(key.split())
        if exact := self._names.keyed(key):
            return Match(exact, (), words, ())
        found = [match for start in range(len(words)) if (match := self._longest_at(words, start))]
        return min(found, key=lambda match: match.rank, default=None)

    def _longest_at(self, words: tuple[str, ...], start: int) -> Match | None:
        for length in range(min(self._longest, len(words) - start), 0, -1):
            end = start + length
            key = " ".join(words[start:end])
            if (start == 0 or length > 1 or key in self._official) and (label := self._names.keyed(key)):
                return Match(label, words[:start], words[start:end], words[end:])
        return None


def _agency_names(agencies: Sequence[Entry]) -> dict[str, list[Label]]:
    """Let the living take the names of the retired; of several retired, the one that the table has first."""
    meanings: dict[str, list[Label]] = {}
    for retired in (False, True):
        fallen = meant_by((agency.label, agency.names()) for agency in agencies if agency.retired is retired)
        for key, labels in fallen.items():
            meanings.setdefault(key, labels if not retired else labels[:1])
    return meanings
