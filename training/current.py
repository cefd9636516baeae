"""Which bundle an evaluation is compared with: one that was asked for, or the active one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from classifier.errors import InputError, PilahError
from classifier.pipeline import Classifier
from models import bundle
from models.bundle import Bundle
from models.manifest import Manifest
from models.registry import Registry
from training.comparison import alike

Missing = Literal["none", "same", "other-taxonomy", "broken"]


@dataclass(frozen=True, slots=True)
class Rival:
    """The classifier of a bundle to compare with, the `active` one or another, or why there is none."""

    classifier: Classifier | None = None
    active: bool = False
    missing: Missing | None = None


def asked(folder: Path, own: Bundle) -> Rival:
    """Load the bundle of a folder; InputError if it answers another taxonomy."""
    other = bundle.load(folder)
    if not _same_taxonomy(own, other):
        raise InputError("--against", "answers other classes", "a bundle with the taxonomy of --model")
    return Rival(other.classifier)


def active(home: Path, own: Bundle) -> Rival:
    """Load the active bundle; one that can't be loaded doesn't stop an evaluation."""
    try:
        registry = Registry(home)
        name = registry.active()
        if name in (None, own.manifest.id):
            return Rival(missing="same" if name else "none")
        other = bundle.load(registry.path(str(name)))
    except PilahError:
        return Rival(missing="broken")
    return Rival(other.classifier, active=True) if _same_taxonomy(own, other) else Rival(missing="other-taxonomy")


def topic_column(manifest: Manifest) -> str:
    """Return the label that the bundle was trained on as the topic."""
    return str(manifest.settings.get("topic_column", "topic"))


def _same_taxonomy(own: Bundle, other: Bundle) -> bool:
    kinds = own.manifest.taxonomy.kind, other.manifest.taxonomy.kind
    columns = topic_column(own.manifest), topic_column(other.manifest)
    if len({*kinds}) > 1 or len({*columns}) > 1:
        return False
    return kinds[0] == "national" or alike(own.classifier, other.classifier)
