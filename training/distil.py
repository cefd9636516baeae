"""Teacher and pupil: the linear model learns from what a bundle with an encoder answers (Hinton et al., 2015)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scipy import sparse

from classifier.errors import InputError
from classifier.pipeline import Classifier
from classifier.records import Complaint, Label, Target
from data.dataset import without_repeats
from models.bundle import Bundle
from models.manifest import Manifest
from training.cases import BATCH
from training.config import LinearConfig
from training.fit import Fitted, fit, masked
from training.inputs import read_classes
from training.soft import Taught, sure_enough


def distil(
    teacher: Bundle, complaints: Sequence[Complaint], lexicon: Mapping[str, str], track: Callable[[str], object]
) -> tuple[Fitted, int]:
    """Return the pupil and how many complaints it was taught; InputError without labelled or unlabelled complaints."""
    settings = settings_of(teacher.manifest)
    columns = (settings["topic_column"], "agency", "kind")
    labelled = [one for one in complaints if any(one.labels.get(name) for name in columns)]
    others = without_repeats([one for one in complaints if not any(one.labels.get(name) for name in columns)])
    for rows, what in ((labelled, "labelled complaint"), (others, "complaint without labels")):
        if not rows:
            raise InputError("--data", f"holds no {what}", "some of both: what to learn from, and how far to trust it")
    track("Asking the teacher")
    taught = ask(teacher.classifier, others)
    fitted = fit(
        labelled,
        read_classes(teacher.manifest.taxonomy.kind),
        lexicon,
        LinearConfig.model_validate({name: settings[name] for name in LinearConfig.model_fields}),
        topic_column=settings["topic_column"],
        auto_error=settings["auto_error"],
        alerts=teacher.classifier.parts.alerts,
        taught=taught,
        track=track,
    )
    return fitted, len(others)


def ask(teacher: Classifier, complaints: Sequence[Complaint]) -> Taught:
    """Return how likely a classifier holds each class of each complaint."""
    parts = [teacher.scores(complaints[start : start + BATCH]) for start in range(0, len(complaints), BATCH)]
    known: dict[Target, Sequence[Label]] = {
        "topic": teacher.topics,
        "agency": teacher.agencies,
        "kind": teacher.kinds,
    }
    labels = {target: found for target, found in known.items() if found}
    chances = {target: sparse.vstack([sure_enough(part[target]) for part in parts], format="csr") for target in labels}
    return Taught([masked(one) for one in complaints], labels, chances)


def settings_of(manifest: Manifest) -> dict[str, Any]:
    """Return the settings of the linear model that a bundle holds, and of its training."""
    wanted = (*LinearConfig.model_fields, "topic_column", "auto_error")
    return {name: manifest.settings[name] for name in wanted}
