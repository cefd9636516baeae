"""From what was learnt to a bundle on the disk."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from classifier.pipeline import Classifier
from classifier.taxonomy import Taxonomy
from data.dataset import fingerprint, read_corpus
from models import bundle
from models.manifest import Data, Manifest, TaxonomyVersion
from models.row_hashes import RowHashes
from training.config import LinearConfig
from training.facts import period
from training.fit import Fitted


def used(config: LinearConfig, topic_column: str, auto_error: float) -> dict[str, Any]:
    """Return the settings of a training as its manifest holds them."""
    return config.model_dump(mode="json") | {"topic_column": topic_column, "auto_error": auto_error}


def write_bundle(
    out: Path,
    fitted: Fitted,
    taxonomy: Taxonomy,
    settings: Mapping[str, Any],
    rows: RowHashes | None,
    details: Mapping[str, Any] | None = None,
) -> Manifest:
    """Write the bundle; its example is one of our own complaints, answered by the state as it is stored.

    `details` join those of the data. The corpus, where it was learnt from, is in the fingerprint.
    """
    state = fitted.classifier.state()
    example = read_corpus()[0]
    described = {
        "unresolved": fitted.unresolved_rows,
        "period": period(fitted.complaints),
        "corpus_rows": fitted.corpus_rows,
        "expected": asdict(fitted.expected),
        **(details or {}),
    }
    made = {"encoder": dict(fitted.encoder)} if fitted.encoder else {}
    targets = {target: asdict(one) for target, one in fitted.facts.items()}
    return bundle.save(
        out,
        state=state,
        created=datetime.now(UTC),
        data=Data(fingerprint(fitted.complaints), len(fitted.complaints), described),
        taxonomy=TaxonomyVersion(taxonomy.kind, taxonomy.version),
        metrics={"unseen_accuracy": dict(fitted.unseen_accuracy), "targets": targets} | made,
        settings=settings,
        complaint=example,
        prediction=Classifier.from_state(state, "").classify([example], evidence=False)[0],
        rows=rows,
    )
