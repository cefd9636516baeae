"""What written labels mean: the label that a topic, agency or kind stands for, however somebody wrote it."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from classifier.records import Label, Target

Resolver = Callable[[str], Label | None]

_WORD = re.compile(r"[^\W_]+")
_CONJUNCTIONS = frozenset({"dan", "serta"})  # "Koperasi, Usaha Kecil dan Menengah" is also written without
_SPELLINGS = (
    (re.compile(r"\bkementrian\b"), "kementerian"),
    (re.compile(r"\bjendral\b"), "jenderal"),
    (re.compile(r"\bpemukiman\b"), "permukiman"),
    (re.compile(r"\bperijinan\b"), "perizinan"),
    (re.compile(r"\bwali kota\b"), "walikota"),
    (re.compile(r"\bolah raga\b"), "olahraga"),
    (re.compile(r"\bcatatan sipil\b"), "pencatatan sipil"),
)
_WHOLE_GOVERNMENT = "pemerintah-daerah"  # its parts are meant when one of them stands beside it


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a reference table: a label and the other names that it goes by."""

    label: Label
    aliases: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return every written form: code, official name, aliases."""
        return self.label.code, self.label.name, *self.aliases

    def qualified_names(self) -> tuple[str, ...]:
        """Return every written form of a topic with its main topic in front, as "Kesehatan / Pelayanan Obat"."""
        return tuple(f"{self.label.group} / {name}" for name in (self.label.name, *self.aliases))


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The rules by which one set of reports names its classes; `version` changes when the rules do."""

    kind: Literal["national", "from-data"]
    version: str
    resolvers: Mapping[Target, Resolver]

    def resolve(self, target: Target, written: str) -> Label | None:
        """Return the label that `written` stands for, None if it can't be told."""
        return self.resolvers[target](written)


def from_data() -> Taxonomy:
    """Take every written label as a class of its own: the string is code, name and group; white space is collapsed."""
    return Taxonomy("from-data", "1", {"topic": _as_written, "agency": _as_written, "kind": _kind_as_written})


def national(topics: Sequence[Entry], agencies: Sequence[Entry], kinds: Sequence[Entry], version: str) -> Taxonomy:
    """Resolve to the rows of the national tables; case, punctuation, spacing, "dan" and "serta" never matter.

    A topic is known by its code, by its main topic and name together, and by its name alone. A name that a main topic
    and a leaf share means the main topic; one that stands under two main topics means neither. An agency is known by a
    name that its label contains: see `AgencyNames`.
    """
    return Taxonomy(
        "national",
        version,
        {"topic": Names(_topic_names(topics)).find, "agency": AgencyNames(agencies).find, "kind": _index(kinds).find},
    )


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


class AgencyNames:
    """Names inside a longer label, because an agency is written with its place, branch, unit or owner around it.

    "Dinas Kesehatan Kab. X", "BPJS Kesehatan KC X", "Kecamatan X", "Suku Dinas Perhubungan X" and "Direktorat Y,
    Kementerian Z" all contain the name of a row. Where several do, the local government as a whole gives way to its
    part and a one-word name to a longer one; then the first wins, at its longest. So a body with several functions
    ("Dinas Sosial dan Tenaga Kerja") answers to its first, unless the table knows the whole name. A one-word alias
    ("Desa", "BRI") counts only at the start.
    """

    def __init__(self, agencies: Sequence[Entry]) -> None:
        self._names = _index(agencies)
        self._official = {name_key(agency.label.name) for agency in agencies}
        self._longest = max((len(key.split()) for key in self._names.meanings), default=0)

    def find(self, written: str) -> Label | None:
        """Return the agency that the label names, None if it names none."""
        key = name_key(written)
        if exact := self._names.keyed(key):
            return exact
        words = key.split()
        found = [match for start in range(len(words)) if (match := self._longest_at(words, start))]
        return min(found, key=lambda match: match.rank).label if found else None

    def _longest_at(self, words: Sequence[str], start: int) -> "_Match | None":
        for length in range(min(self._longest, len(words) - start), 0, -1):
            key = " ".join(words[start : start + length])
            if (start == 0 or length > 1 or key in self._official) and (label := self._names.keyed(key)):
                return _Match(label, start, length)
        return None


@dataclass(frozen=True, slots=True)
class _Match:
    label: Label
    start: int
    length: int

    @property
    def rank(self) -> tuple[bool, bool, int]:
        return self.label.code == _WHOLE_GOVERNMENT, self.length == 1, self.start


def _topic_names(topics: Iterable[Entry]) -> dict[str, list[Label]]:
    meanings = meant_by((topic.label, (*topic.names(), *topic.qualified_names())) for topic in topics)
    return {key: [label for label in labels if "/" not in label.code] or labels for key, labels in meanings.items()}


def _index(entries: Iterable[Entry]) -> Names:
    return Names(meant_by((entry.label, entry.names()) for entry in entries))


def _as_written(written: str) -> Label | None:
    name = " ".join(written.split())
    return Label(name, name, name) if name else None


def _kind_as_written(written: str) -> Label | None:
    name = " ".join(written.split())
    return Label(name, name) if name else None
