"""Holds a candidate against the active bundle on the frozen test rows, and says what came of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from classifier.errors import PilahError
from classifier.records import Complaint, Target
from data.tables import read_taxonomy, read_written
from models import bundle
from models.bundle import Bundle
from models.history import Gate, Verdict
from models.manifest import Manifest
from models.registry import Registry
from models.row_hashes import RowKey
from training.class_changes import Changes, changed_labels, class_changes
from training.frozen_rows import Window, frozen_rows, new_rows
from training.gate import SEEN, SEEN_SHARE, TAXONOMY, Comparison, Outcomes, Standing, compare, reasons, standing
from training.outcomes import known_targets, outcomes

NOTHING_ACTIVE = "nothing is active"
NO_ROWS = "there are no test rows; --test gives some"
ALL_SEEN = "each test row was learnt from"
INCOMPARABLE = "candidate and active bundle answer different labels"
PROMISE = 0.05  # of a bundle whose settings hold none


@dataclass(frozen=True, slots=True)
class Trial:
    """What is written down of a trial (`gate`), and what is shown beside it; `changes` where both were compared."""

    gate: Gate
    window: Window | None = None
    comparisons: Mapping[Target, Comparison] = field(default_factory=dict)
    alone: Mapping[Target, Standing] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    changes: Changes = field(default_factory=Changes)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Which test rows a bundle learnt from; `rows` is empty and `unknown` says why where that can't be told."""

    rows: frozenset[int] = frozenset()
    unknown: str = ""

    @property
    def count(self) -> int | str:
        return "not checked" if self.unknown else len(self.rows)


def hold(
    registry: Registry, name: str, key: RowKey, test: Path | Window | None = None, *, new_reference: bool = False
) -> Trial:
    """Try a published bundle against the active one on the rows of `test`, or else on the frozen ones.

    `new_reference`: the classes may be of another version of the national tables. Nothing is written. BundleError if
    the candidate can't be loaded; DataError, InputError or RegistryError if the test rows are not what they should be.
    """
    candidate, active_id = bundle.load(registry.path(name)), registry.serving()
    active, missing = _active(registry, active_id)
    columns = (_topic_column(candidate.manifest), "agency", "kind")
    window = new_rows(test, columns, registry) if isinstance(test, Path) else test or frozen_rows(registry)
    against = list(_other_taxonomy(candidate.manifest, active.manifest, new_reference)) if active else []
    if window is None:
        verdict: Verdict = "refused" if against else "not compared"
        return Trial(Gate(verdict, active_id, _by_code(against), note=missing or NO_ROWS))
    tried = {"candidate": name} | ({"active": active_id} if active and active_id else {})
    seen = {who: _seen(registry, one, window, key) for who, one in tried.items()}
    against += _learnt_from(seen["candidate"], len(window.rows))
    return _on_rows(candidate, active, window, seen, against, Gate("passed", active_id, note=missing))


def _on_rows(
    candidate: Bundle,
    active: Bundle | None,
    window: Window,
    seen: Mapping[str, _Seen],
    against: list[tuple[str, str]],
    begun: Gate,
) -> Trial:
    """Compare on the rows that neither bundle learnt from; `against` holds what speaks against the candidate so far."""
    gone = frozenset[int]().union(*(one.rows for one in seen.values()))
    rows = [row for at, row in enumerate(window.rows) if at not in gone]
    comparable = active is not None and _comparable(candidate.manifest, active.manifest)
    answered = _answered(candidate, active, rows) if active and comparable else {}
    comparisons = _compared(candidate, answered)
    alone = {} if comparable else _alone(candidate, rows)
    against += reasons(comparisons) if comparable else []
    gate = replace(
        begun,
        verdict="refused" if against else "passed" if comparisons else "not compared",
        reasons=_by_code(against),
        note="" if comparisons else begun.note or (INCOMPARABLE if rows else ALL_SEEN),
        figures={
            "seen": {who: one.count for who, one in seen.items()},
            "rows": len(rows),
            "targets": {target: asdict(one) for target, one in (comparisons or alone).items()},
        },
        test=window.record,
    )
    changes = _changes(candidate, active, answered) if active and comparable else Changes()
    return Trial(gate, window, comparisons, alone, tuple(_notes(seen, window)), changes)


def _active(registry: Registry, name: str | None) -> tuple[Bundle | None, str]:
    """Return the active bundle; if it can't be compared with, None and why."""
    if name is None:
        return None, NOTHING_ACTIVE
    try:
        return bundle.load(registry.path(name)), ""
    except PilahError as error:  # a promotion must be able to replace it
        return None, f"the active bundle can't be loaded: {error}"


def _topic_column(manifest: Manifest) -> str:
    return str(manifest.settings.get("topic_column", "topic"))


def _other_taxonomy(candidate: Manifest, active: Manifest, new_reference: bool) -> Iterable[tuple[str, str]]:
    ours, theirs = (f"{one.taxonomy.kind} {one.taxonomy.version}" for one in (candidate, active))
    if ours != theirs and not (new_reference and candidate.taxonomy.kind == active.taxonomy.kind):
        yield TAXONOMY, f"the candidate's classes are of taxonomy {ours}, those of the active bundle of {theirs}"
    column, before = _topic_column(candidate), _topic_column(active)
    if column != before:
        yield TAXONOMY, f"the candidate's topics are the labels {column!r}, those of the active bundle {before!r}"


def _comparable(candidate: Manifest, active: Manifest) -> bool:
    """Tell whether the answers of both mean the same; versions of one taxonomy read the same labels."""
    return candidate.taxonomy.kind == active.taxonomy.kind and _topic_column(candidate) == _topic_column(active)


def _seen(registry: Registry, name: str, window: Window, key: RowKey) -> _Seen:
    hashes = bundle.read_rows(registry.path(name))
    if hashes is None:
        return _Seen(unknown="its bundle holds no hashes of its training rows")
    marks = hashes.seen([row.text for row in window.rows], key)
    if marks is None:
        return _Seen(unknown="its training rows were hashed with another key than this home's")
    return _Seen(frozenset(at for at, mark in enumerate(marks) if mark))


def _learnt_from(seen: _Seen, rows: int) -> Iterable[tuple[str, str]]:
    if len(seen.rows) > SEEN_SHARE * rows:
        learnt = f"the candidate learnt from {len(seen.rows):,} of the {rows:,} test rows"
        yield SEEN, f"{learnt}; expected at most {SEEN_SHARE:.0%}. Give newer ones with --test"


def _answered(candidate: Bundle, active: Bundle, rows: Sequence[Complaint]) -> dict[Target, tuple[Outcomes, Outcomes]]:
    """Return the outcomes of both for each target that one of them answers, those of the candidate first."""
    known = known_targets(candidate.classifier) | known_targets(active.classifier)
    before = _outcomes(active, rows)
    return {target: (one, before[target]) for target, one in _outcomes(candidate, rows).items() if target in known}


def _compared(candidate: Bundle, answered: Mapping[Target, tuple[Outcomes, Outcomes]]) -> dict[Target, Comparison]:
    known = known_targets(candidate.classifier)
    return {target: compare(*both, answered=target in known) for target, both in answered.items()}


def _changes(candidate: Bundle, active: Bundle, answered: Mapping[Target, tuple[Outcomes, Outcomes]]) -> Changes:
    classes = {target: class_changes(*both) for target, both in answered.items()}
    return Changes(classes, *changed_labels(candidate.classifier, active.classifier))


def _alone(candidate: Bundle, rows: Sequence[Complaint]) -> dict[Target, Standing]:
    known = known_targets(candidate.classifier)
    return {target: standing(one) for target, one in _outcomes(candidate, rows).items() if target in known}


def _outcomes(one: Bundle, rows: Sequence[Complaint]) -> dict[Target, Outcomes]:
    taxonomy = read_taxonomy() if one.manifest.taxonomy.kind == "national" else read_written()
    promise = float(one.manifest.settings.get("auto_error", PROMISE))
    return outcomes(one.classifier, rows, taxonomy, _topic_column(one.manifest), promise)


def _by_code(against: Iterable[tuple[str, str]]) -> dict[str, str]:
    found = defaultdict[str, list[str]](list)
    for code, sentence in against:
        found[code].append(sentence)
    return {code: "; ".join(sentences) for code, sentences in found.items()}


def _notes(seen: Mapping[str, _Seen], window: Window) -> Iterable[str]:
    if window.unlabelled:
        yield f"{window.unlabelled:,} rows without a label were left out"
    for who, one in seen.items():
        if one.unknown:
            yield f"{who}: not checked whether it learnt from the test rows: {one.unknown}"
        elif one.rows:
            yield f"{who}: learnt from {len(one.rows):,} test rows, which were left out"
