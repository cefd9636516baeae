"""Bundles of the toy complaints, and the home of a registry for them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import toy

from models import bundle
from models.manifest import Data, TaxonomyVersion
from models.row_hashes import RowHashes, RowKey, row_key
from training.fit import Fitted

Save = Callable[..., Path]
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def save(tmp_path: Path, home: Path) -> Save:
    """Return a function that saves a fitted model as a bundle, its rows hashed with the key of the home."""

    def save(name: str, fitted: Fitted | None = None, day: int = 25, key: RowKey | None = None, **fields: Any) -> Path:
        fitted = fitted or toy.fitted()
        example = toy.complaints()[0]
        described: dict[str, Any] = {
            "state": fitted.classifier.state(),
            "created": NOON.replace(day=day),
            "data": Data("0f" * 32, 47),
            "taxonomy": TaxonomyVersion("from-data", "1"),
            "metrics": {},
            "settings": {"topic_column": "topic", "auto_error": 0.05},
            "complaint": example,
            "prediction": fitted.classifier.classify([example], evidence=False)[0],
            "rows": RowHashes.of((one.text for one in fitted.complaints), key or row_key(home)),
        }
        bundle.save(tmp_path / name, **(described | fields))
        return tmp_path / name

    return save
