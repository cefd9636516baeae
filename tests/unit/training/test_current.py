"""Which bundle an evaluation is compared with, and why there may be none."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import toy

from classifier.errors import InputError
from classifier.pipeline import Classifier
from classifier.records import Complaint
from models import bundle
from models.bundle import Bundle
from models.manifest import Data, TaxonomyVersion
from models.registry import Registry
from training.current import active, asked
from training.fit import fit


def saved(folder: Path, classifier: Classifier, rows: int = 1, column: str = "topic") -> Bundle:
    example = toy.complaints()[0]
    bundle.save(
        folder,
        state=classifier.state(),
        created=datetime(2026, 1, rows, tzinfo=UTC),
        data=Data("uji", rows),
        taxonomy=TaxonomyVersion("from-data", "1"),
        metrics={},
        settings={"topic_column": column, "auto_error": 0.05},
        complaint=example,
        prediction=classifier.classify([example], evidence=False)[0],
    )
    return bundle.load(folder)


@pytest.fixture
def own(tmp_path: Path) -> Bundle:
    return saved(tmp_path / "own", toy.classifier())


def promoted(home: Path, folder: Path) -> None:
    registry = Registry(home)
    registry.promote(registry.publish(folder), when=datetime.now(UTC))


def elsewhere() -> Classifier:
    """Return a classifier of the same reports under other names."""
    return fit([renamed(one) for one in toy.complaints()], toy.taxonomy(), toy.LEXICON, toy.config()).classifier


def renamed(one: Complaint) -> Complaint:
    return replace(one, labels={key: f"Kota Lain: {label}" for key, label in one.labels.items()})


def test_nothing_is_active(tmp_path: Path, own: Bundle) -> None:
    assert active(tmp_path / "home", own).missing == "none"


def test_it_is_active_itself(tmp_path: Path, own: Bundle) -> None:
    promoted(tmp_path / "home", tmp_path / "own")
    assert active(tmp_path / "home", own).missing == "same"


def test_the_active_bundle_is_loaded(tmp_path: Path, own: Bundle) -> None:
    other = saved(tmp_path / "other", toy.classifier(), rows=2)
    promoted(tmp_path / "home", tmp_path / "other")
    found = active(tmp_path / "home", own)
    assert found.classifier
    assert (found.classifier.id, found.active, found.missing) == (other.manifest.id, True, None)


def test_an_active_bundle_that_is_broken_does_not_stop_an_evaluation(tmp_path: Path, own: Bundle) -> None:
    other = saved(tmp_path / "other", toy.classifier(), rows=2)
    promoted(tmp_path / "home", tmp_path / "other")
    (Registry(tmp_path / "home").path(other.manifest.id) / "tables.json").write_text("{}")
    assert active(tmp_path / "home", own).missing == "broken"


def test_other_classes_are_not_compared(tmp_path: Path, own: Bundle) -> None:
    saved(tmp_path / "other", elsewhere(), rows=2)
    promoted(tmp_path / "home", tmp_path / "other")
    assert active(tmp_path / "home", own).missing == "other-taxonomy"
    with pytest.raises(InputError, match="--against: answers other classes"):
        asked(tmp_path / "other", own)


def test_another_topic_column_is_another_taxonomy(tmp_path: Path, own: Bundle) -> None:
    saved(tmp_path / "other", toy.classifier(), rows=2, column="utama")
    with pytest.raises(InputError, match="--against"):
        asked(tmp_path / "other", own)


def test_what_is_asked_for_is_loaded(tmp_path: Path, own: Bundle) -> None:
    other = saved(tmp_path / "other", toy.classifier(), rows=2)
    found = asked(tmp_path / "other", own)
    assert found.classifier
    assert (found.classifier.id, found.active) == (other.manifest.id, False)
