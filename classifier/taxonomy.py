"""What written labels mean: the label that a topic, agency or kind stands for, however somebody wrote it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from classifier.agencies import AgencyTable
from classifier.names import Entry, Names, meant_by
from classifier.records import Label, Target

Resolver = Callable[[str], Label | None]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The rules by which one set of reports names its classes; `version` changes when the rules do.

    `agencies` takes the names of agencies apart, those of the national table and those that reports write.
    """

    kind: Literal["national", "from-data"]
    version: str
    resolvers: Mapping[Target, Resolver]
    agencies: AgencyTable

    def resolve(self, target: Target, written: str) -> Label | None:
        """Return the label that `written` stands for, None if it can't be told."""
        return self.resolvers[target](written)


def from_data(agencies: AgencyTable) -> Taxonomy:
    """Take every written label as a class of its own: the string is code, name and group; white space is collapsed."""
    resolvers: dict[Target, Resolver] = {"topic": _as_written, "agency": _as_written, "kind": _kind_as_written}
    return Taxonomy("from-data", "1", resolvers, agencies)


def national(topics: Sequence[Entry], agencies: AgencyTable, kinds: Sequence[Entry], version: str) -> Taxonomy:
    """Resolve to the living rows of the national tables; case, punctuation, spacing, "dan" and "serta" never matter.

    A topic is known by its code, by its main topic and name together, and by its name alone. A name that a main topic
    and a leaf share means the main topic, one that a living and a retired topic share the living; one that stands under
    two main topics means neither. An agency is known by a name that its label contains: see `AgencyNames`.

    A retired label means its successor. Of several, the first is meant for an agency, which took most of the
    complaints; for topics, the main topic that they share, or none if they share none.
    """
    topic_names = Names(_topic_names(topics))
    resolvers: dict[Target, Resolver] = {
        "topic": _then(topic_names.find, _heirs(topics, _shared_main)),
        "agency": agencies.living,
        "kind": Names(meant_by((kind.label, kind.names()) for kind in kinds)).find,
    }
    return Taxonomy("national", version, resolvers, agencies)


def _topic_names(topics: Iterable[Entry]) -> dict[str, list[Label]]:
    topics = tuple(topics)
    meanings = meant_by((topic.label, (*topic.names(), *topic.qualified_names())) for topic in topics)
    retired = {topic.label.code for topic in topics if topic.retired}
    for key, labels in meanings.items():
        living = [label for label in labels if label.code not in retired] or labels
        meanings[key] = [label for label in living if "/" not in label.code] or living
    return meanings


def _then(find: Resolver, heirs: Mapping[str, Label | None]) -> Resolver:
    def resolve(written: str) -> Label | None:
        label = find(written)
        return heirs[label.code] if label and label.code in heirs else label

    return resolve


def _heirs(entries: Sequence[Entry], choose: Callable[[Sequence[str]], str | None]) -> dict[str, Label | None]:
    """Return retired code -> the living label that it means now; raises KeyError for an unknown successor."""
    by_code = {entry.label.code: entry for entry in entries}

    def heir(entry: Entry) -> Label | None:
        while entry.retired:
            code = choose(entry.successors)
            if code is None:
                return None
            entry = by_code[code]
        return entry.label

    return {entry.label.code: heir(entry) for entry in entries if entry.retired}


def _shared_main(successors: Sequence[str]) -> str | None:
    if len(successors) == 1:
        return successors[0]
    mains = {code.split("/")[0] for code in successors}
    return mains.pop() if len(mains) == 1 else None


def _as_written(written: str) -> Label | None:
    name = " ".join(written.split())
    return Label(name, name, name) if name else None


def _kind_as_written(written: str) -> Label | None:
    name = " ".join(written.split())
    return Label(name, name) if name else None
