"""Finds labels of complaints that are probably wrong, and says which may be right."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

from classifier.errors import InputError
from classifier.features import Integers
from classifier.records import Complaint, Label, Target
from classifier.taxonomy import Taxonomy
from data.dataset import letters
from training.agency_labels import agency_golds
from training.cases import meets
from training.config import LinearConfig
from training.fit import masked
from training.label_probabilities import Texts, label_probabilities
from training.suspects import Agreement, doubts


@dataclass(frozen=True, slots=True)
class Finding:
    """A label that somebody should look at; `rank` counts from 1, the surest of its target.

    `row` is the place of the complaint in the audit's rows. `given` is as written, `suggested` a code, `probability`
    that of the suggested label by the text and the other labels of the row. `contradicts`: ids of rows with the same
    text whose labels do not agree with this one, for a contradiction.
    """

    row: int
    id: str
    target: Target
    given: str
    suggested: str
    probability: float
    rank: int
    contradicts: tuple[str, ...]

    @property
    def why(self) -> Literal["suspected", "contradiction"]:
        """Whether only the model doubts the label, or another row with the same text contradicts it."""
        return "contradiction" if self.contradicts else "suspected"


@dataclass(frozen=True, slots=True)
class Audit:
    """What was judged, the masked rows, and what was found, rank by rank.

    By target: `judged` counts the rows with a label that the taxonomy knows, `unresolved` those with another.
    """

    rows: Sequence[Complaint]
    judged: Mapping[Target, int]
    unresolved: Mapping[Target, int]
    findings: Sequence[Finding]

    def lines(self, *, texts: bool) -> Iterator[dict[str, Any]]:
        """Yield the review list as JSON objects; `texts`: with masked texts, but those of `rahasia` complaints."""
        for one in self.findings:
            row = self.rows[one.row]
            yield {
                "rank": one.rank,
                "id": one.id,
                "target": one.target,
                "given": one.given,
                "suggested": one.suggested,
                "probability": round(one.probability, 4),
                "why": one.why,
                "contradicts": list(one.contradicts),
            } | ({"title": row.title, "text": row.text} if texts and row.visibility != "rahasia" else {})


@dataclass(frozen=True, slots=True)
class _Labels:
    """One target's labels as written, their classes, and the number of each row's class, -1 for none."""

    written: Sequence[str]
    classes: tuple[Label, ...]
    known: Integers

    def codes(self, rows: Integers) -> list[str]:
        """Return the codes of rows, "" for none."""
        return [self.classes[number].code if number >= 0 else "" for number in self.known[rows]]

    def agreement(self, taxonomy: Taxonomy) -> Agreement:
        """Tell for each two classes whether both can be right; nationally, a main topic agrees with its leaves."""
        if taxonomy.kind == "from-data":
            return np.eye(len(self.classes), dtype=bool)
        pairs = [[meets(one.code, other) or meets(other.code, one) for other in self.classes] for one in self.classes]
        return np.array(pairs, dtype=bool)


def audit(
    complaints: Sequence[Complaint],
    taxonomy: Taxonomy,
    lexicon: Mapping[str, str],
    config: LinearConfig,
    *,
    targets: Sequence[Target] = ("topic", "agency"),
    topic_column: str = "topic",
    track: Callable[[str], object] = str,
) -> Audit:
    """Judge the labels of complaints; nationally those of agencies by archetype: places are not judged.

    InputError if no complaint has a label of the targets that the taxonomy knows. `track` is told each step as it
    begins: reading, and one step a target.
    """
    track("Reading texts and labels")
    rows = [masked(one) for one in complaints]
    labels = _labels(rows, taxonomy, topic_column)
    judged = {target: int((labels[target].known >= 0).sum()) for target in targets}
    if not any(judged.values()):
        raise InputError("labels", "no complaint has one that the taxonomy knows", f"{' or '.join(targets)} labels")
    texts, findings = Texts.of(rows, lexicon), list[Finding]()
    for target in targets:
        track(f"Judging each {target}")
        findings += _findings(rows, texts, labels, target, taxonomy, config) if judged[target] else []
    findings.sort(key=lambda one: one.rank)
    unresolved = {target: sum(map(bool, labels[target].written)) - judged[target] for target in targets}
    return Audit(rows, judged, unresolved, findings)


def _labels(rows: Sequence[Complaint], taxonomy: Taxonomy, topic_column: str) -> dict[Target, _Labels]:
    """Resolve what is written; each distinct spelling once."""
    resolve = cache(lambda target, written: taxonomy.resolve(target, written) if written else None)
    columns: dict[Target, str] = {"topic": topic_column, "agency": "agency", "kind": "kind"}
    written = {target: [row.labels.get(column, "") for row in rows] for target, column in columns.items()}
    meant: dict[Target, list[Label | None]] = {
        target: [resolve(target, label) for label in written[target]] for target in ("topic", "kind")
    }
    meant["agency"] = [_body(gold, taxonomy) if gold else None for gold in agency_golds(rows, taxonomy)]
    return {target: _numbered(written[target], meant[target]) for target in columns}


def _body(label: Label, taxonomy: Taxonomy) -> Label:
    """Return the archetype of a national agency, else the label as written; a class that shares nothing with others."""
    code = label.code.partition("@")[0] if taxonomy.kind == "national" else label.code
    return Label(code, label.name)


def _numbered(written: Sequence[str], meant: Sequence[Label | None]) -> _Labels:
    by_code = {label.code: label for label in meant if label}
    number = {code: at for at, code in enumerate(sorted(by_code))}
    known = [number[label.code] if label else -1 for label in meant]
    return _Labels(written, tuple(by_code[code] for code in number), np.array(known, np.int32))


def _findings(
    rows: Sequence[Complaint],
    texts: Texts,
    labels: Mapping[Target, _Labels],
    target: Target,
    taxonomy: Taxonomy,
    config: LinearConfig,
) -> list[Finding]:
    own = labels[target]
    use = np.flatnonzero(own.known >= 0).astype(np.int32)
    others = [one.codes(use) for name, one in labels.items() if name != target]
    probabilities = label_probabilities(texts.take(use), own.classes, own.known[use], others, config)
    keys = [_key(rows[row], target) for row in use.tolist()]
    found = doubts(keys, own.known[use], probabilities, own.agreement(taxonomy))
    return [
        Finding(
            row=(row := int(use[one.row])),
            id=rows[row].id,
            target=target,
            given=own.written[row],
            suggested=own.classes[one.suggested].code,
            probability=one.probability,
            rank=rank,
            contradicts=tuple(rows[use[other]].id for other in one.against),
        )
        for rank, one in enumerate(found, 1)
    ]


def _key(row: Complaint, target: Target) -> Hashable:
    """Return what rows with the same text share, None for a text without letters; who must answer depends on where."""
    if not (text := letters(row.text)):
        return None
    return letters(row.title), text, " ".join(row.region.lower().split()) if target == "agency" else ""
