"""A classifier small enough to read at a glance, and bundles that hold it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.records import Answer, Complaint, Decision, Label, Prediction
from classifier.state import State
from models import bundle
from models.manifest import Data, Manifest, TaxonomyVersion

COMPLAINT = Complaint(id="contoh-1", text="Lampu di Jalan Kenanga Contoh padam sejak Senin", region="Kota Contoh")
CREATED = datetime(2026, 11, 25, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Fake:
    """Gives every complaint the same probabilities."""

    weights: Any
    names: Sequence[str]
    model: str

    @classmethod
    def from_state(cls, state: State, model_id: str) -> "Fake":
        return cls(state.arrays["weights"], state.tables["names"], model_id)

    def state(self) -> State:
        return State({"weights": self.weights}, {"names": self.names})

    def classify(self, complaints: Sequence[Complaint], *, evidence: bool = True) -> list[Prediction]:
        topics = tuple(
            Answer(Label(name, name.title(), name), float(w)) for name, w in zip(self.names, self.weights, strict=True)
        )
        decision = Decision("review", "review", "review", ("unsure",))
        return [Prediction(c.id, self.model, topics, topics[:1], None, decision) for c in complaints]


Write = Callable[..., Manifest]


@pytest.fixture
def fake() -> type[Fake]:
    return Fake


@pytest.fixture
def write() -> Write:
    """Return a function that saves a bundle; `day` moves its date, `first` its best probability, `fields` the rest."""

    def write(folder: Path, *, day: int = 0, first: float = 0.75, **fields: Any) -> Manifest:
        classifier = Fake(np.array([first, 0.125], dtype=np.float32), ["jalan", "lampu"], "")
        described: dict[str, Any] = {
            "state": classifier.state(),
            "created": CREATED + timedelta(days=day),
            "data": Data("0f" * 32, 600, {"dropped": 3}),
            "taxonomy": TaxonomyVersion("national", "2026-11"),
            "metrics": {"topic": {"accuracy": 0.5}},
            "settings": {"seed": 1},
            "complaint": COMPLAINT,
            "prediction": classifier.classify([COMPLAINT])[0],
        }
        return bundle.save(folder, **(described | fields))

    return write


@pytest.fixture
def check(fake: type[Fake]) -> Callable[[Path], Manifest]:
    """Return the full check of a bundle, with the fake classifier."""
    return lambda folder: bundle.verify(folder, fake.from_state)
