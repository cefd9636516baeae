"""Learns again from own reports and corrections, tries the new model against the old one, and lets the better serve."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from classifier.alerts import AlertRules
from classifier.errors import BundleError, InputError, RegistryError
from classifier.records import Complaint
from classifier.taxonomy import Taxonomy
from data.dataset import fingerprint
from models import bundle
from models.manifest import FORMAT
from models.registry import Registry
from models.row_hashes import RowHashes, RowKey
from training.config import LinearConfig
from training.fit import fit
from training.frozen_rows import Window, frozen_rows, window
from training.gate import MIN_ROWS
from training.snapshot import FEWEST, Snapshot, copies, held_back
from training.trial import Trial, hold
from training.write_bundle import used, write_bundle

Outcome = Literal["promoted", "refused", "unchanged"]
FOLDER = "retrain"  # in PILAH_HOME: where the candidate is written before it is published
TRAINED_ON = "snapshot"  # the digest of what was learnt, among the details of a bundle's data


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to learn; `corpus` has its topics in `topic_column` and is empty where it is not learnt from."""

    taxonomy: Taxonomy
    lexicon: Mapping[str, str]
    settings: LinearConfig
    topic_column: str
    auto_error: float
    corpus: Sequence[Complaint] = ()
    alerts: AlertRules = field(default_factory=AlertRules)

    @property
    def used(self) -> dict[str, Any]:
        """The settings as the manifest holds them."""
        return used(self.settings, self.topic_column, self.auto_error)

    def described(self) -> dict[str, Any]:
        """Return what another model of the same reports would differ by."""
        taxonomy, corpus = f"{self.taxonomy.kind} {self.taxonomy.version}", fingerprint(self.corpus)
        words = {"lexicon": dict(self.lexicon), "alerts": self.alerts.state()}
        return self.used | {"taxonomy": taxonomy, "corpus": corpus, "format": FORMAT} | words


@dataclass(frozen=True, slots=True)
class Retrained:
    """What came of a retraining: `id` is the new model, for "unchanged" the one that learnt the same before.

    `rows` were learnt, `corrections` of them corrected ones; `held_back` were not, to test on. `trial` is None for
    "unchanged".
    """

    outcome: Outcome
    id: str
    previous: str | None
    rows: int = 0
    corrections: int = 0
    held_back: int = 0
    trial: Trial | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that `pilah retrain --json` writes."""
        told = {name: getattr(self, name) for name in ("outcome", "id", "previous", "rows", "corrections", "held_back")}
        if self.trial is None:
            return told
        gate = self.trial.gate
        return told | {
            "gate": {"verdict": gate.verdict, "reasons": gate.reasons, "note": gate.note},
            "targets": gate.figures.get("targets", {}),
            "changes": asdict(self.trial.changes),
        }


def retrain(
    registry: Registry,
    home: Path,
    key: RowKey,
    snapshot: Snapshot,
    recipe: Recipe,
    track: Callable[[str], object] = str,
) -> Retrained:
    """Train on a snapshot without the rows held back, publish, compare with the active model on these, and promote.

    Killed at any moment it leaves the active model as it is; called again it goes on with a candidate that was
    published already. InputError if there is nothing to learn. `track` is told each stage of the training.
    """
    previous, digest = registry.serving(), snapshot.digest(recipe.described())
    name = _learnt_before(registry, digest)
    if name and (name == previous or name in {change.id for change in registry.history()}):
        return Retrained("unchanged", name, previous)
    marks = held_back(snapshot.complaints, key, _seen(registry, previous, snapshot, key), _columns(recipe))
    test = [one for one, held in zip(snapshot.complaints, marks, strict=True) if held]
    learnt = snapshot.take(~copies(snapshot.complaints, (*test, *_frozen(registry))))
    if not learnt.complaints:
        raise InputError("--data", "there is no report to learn from", "own reports, or corrections in the database")
    name = name or _train(registry, home, key, learnt, recipe, digest, track)
    trial = _tried(hold(registry, name, key, _window(test, registry), new_reference=True), len(test))
    outcome = _decide(registry, name, trial, learnt.corrections)
    return Retrained(outcome, name, previous, len(learnt.complaints), learnt.corrections, len(test), trial)


def _learnt_before(registry: Registry, digest: str) -> str | None:
    """Return the newest published bundle that was trained on just this."""
    return next((one.id for one in registry.list() if one.data.details.get(TRAINED_ON) == digest), None)


def _columns(recipe: Recipe) -> tuple[str, ...]:
    return recipe.topic_column, "agency", "kind"


def _seen(registry: Registry, active: str | None, snapshot: Snapshot, key: RowKey) -> Sequence[bool]:
    """Tell which rows the active model learnt from; where its hashes don't say, those that were there when it was made.

    A comparison on rows that it learnt would refuse every other model.
    """
    if active is None:
        return [False] * len(snapshot.complaints)
    try:
        created, hashes = bundle.read_manifest(registry.path(active)).created, bundle.read_rows(registry.path(active))
    except (BundleError, RegistryError):  # it can't be compared with, and must be replaced all the same
        return [False] * len(snapshot.complaints)
    known = hashes and hashes.seen([one.text for one in snapshot.complaints], key)
    return known or [one.date is None or one.date <= created for one in snapshot.complaints]


def _frozen(registry: Registry) -> Sequence[Complaint]:
    """Return the gate's frozen rows, which no model may learn from; without their file none is known."""
    try:
        frozen = frozen_rows(registry)
    except RegistryError:
        return ()
    return frozen.rows if frozen else ()


def _window(test: Sequence[Complaint], registry: Registry) -> Window | None:
    """Return the rows to compare on, None for the frozen ones, where these are more and the new ones few."""
    if len(test) < min(FEWEST, max(MIN_ROWS, len(_frozen(registry)))):
        return None
    try:
        return window(test, registry)
    except InputError:  # they end earlier than the frozen ones
        return None


def _train(
    registry: Registry,
    home: Path,
    key: RowKey,
    learnt: Snapshot,
    recipe: Recipe,
    digest: str,
    track: Callable[[str], object],
) -> str:
    """Publish a model of the rows and return its id."""
    fitted = fit(
        learnt.complaints,
        recipe.taxonomy,
        recipe.lexicon,
        recipe.settings,
        corpus=recipe.corpus,
        weights=learnt.weights,
        topic_column=recipe.topic_column,
        auto_error=recipe.auto_error,
        alerts=recipe.alerts,
        track=track,
    )
    shutil.rmtree(home / FOLDER, ignore_errors=True)  # what a killed process left
    out, rows = home / FOLDER / "candidate", RowHashes.of((one.text for one in fitted.complaints), key)
    details = {TRAINED_ON: digest, "corrections": learnt.corrections}
    write_bundle(out, fitted, recipe.taxonomy, recipe.used, rows, details)
    try:
        return registry.publish(out)
    finally:
        shutil.rmtree(home / FOLDER, ignore_errors=True)


def _tried(trial: Trial, held: int) -> Trial:
    """Say why nothing was compared, where it was for want of rows."""
    if trial.window or trial.gate.current is None:
        return trial
    note = f"{held} labelled rows that no model learnt from; a comparison takes {MIN_ROWS}"
    return replace(trial, gate=replace(trial.gate, note=note))


def _decide(registry: Registry, name: str, trial: Trial, corrections: int) -> Outcome:
    now, rows = datetime.now(UTC), trial.window.content if trial.window else None
    reason = f"retrained with {corrections:,} corrections"
    if trial.gate.reasons:
        registry.refuse(name, when=now, reason=reason, gate=trial.gate, rows=rows)
        return "refused"
    registry.promote(name, when=now, reason=reason, gate=trial.gate, rows=rows)
    return "promoted"
