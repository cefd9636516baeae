"""A service with a real store and server round a classifier small enough to read at a glance.

Run as a program it serves on a free port and prints its address: service_fake.py FOLDER DATABASE_URL WORKERS
"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from starlette.testclient import TestClient

from classifier.records import Answer, Complaint, Decision, Evidence, Label, Prediction
from data.store.database import Store
from data.store.keys import Keys
from models.registry import Registry
from service import commands
from service.app import create_app
from service.live_model import LiveModel
from service.settings import Settings

LAMP = Label("prasarana/lampu-jalan", "Lampu Jalan", "Prasarana")
WATER = Label("air/air-minum", "Air Minum", "Air")
AGENCIES = (Label("dinas-contoh", "Dinas Contoh", "Dinas"), Label("perumda-contoh", "Perumda Contoh", "Perumda"))
WORD = "lampu"
PATH = "/v1/predictions"
TEXT = "Nomor saya 0812-0000-1111, lampu di Jalan Contoh padam."
TAXONOMY = SimpleNamespace(kind="from-data", version="1")
BROKEN = "rusakkan"  # a word at which the classifier fails, to see what the service then does


class FakeClassifier:
    """Answers street lamps where it reads the word, drinking water elsewhere."""

    deadline = None

    def __init__(self, model_id: str) -> None:
        self.id = model_id
        self.topics, self.agencies, self.kinds = (LAMP, WATER), AGENCIES, ()

    def classify(self, complaints: Sequence[Complaint], *, evidence: bool = True) -> list[Prediction]:
        return [self._answer(complaint, evidence) for complaint in complaints]

    def _answer(self, complaint: Complaint, evidence: bool) -> Prediction:
        if BROKEN in complaint.text:
            raise ValueError(complaint.text)
        at = complaint.text.lower().find(WORD)
        sure = at >= 0
        topics = (LAMP, WATER) if sure else (WATER, LAMP)
        action = "route" if sure else "review"
        span = Evidence("topic", "text", at, at + len(WORD), complaint.text[at : at + len(WORD)], 0.5)
        return Prediction(
            id=complaint.id,
            model=self.id,
            topic=(Answer(topics[0], 0.875), Answer(topics[1], 0.125)),
            agency=(Answer(AGENCIES[0], 0.75), Answer(AGENCIES[1], 0.25)),
            kind=None,
            decision=Decision(action, action, "route", () if sure else ("topic_unsure",)),
            evidence=(span,) if sure and evidence else (),
        )


def fake_load(folder: Path) -> Any:
    """Return a bundle named after its folder; one that holds a file named broken can't be loaded."""
    if (folder / "broken").exists():
        raise ValueError("broken")
    manifest = SimpleNamespace(
        id=folder.name, created=datetime(2026, 11, 25, tzinfo=UTC), metrics={"topic": {}}, taxonomy=TAXONOMY
    )
    return SimpleNamespace(manifest=manifest, classifier=FakeClassifier(folder.name))


def fake_app(folder: Path, store: Store, **settings: Any) -> Any:
    """Return the service on an open store with the fake model `model-a`."""
    live = LiveModel(folder / "model-a", fake_load)
    live.start()
    return create_app(Settings(home=folder, **settings), store, live, Registry(folder))


def complaint(**fields: Any) -> dict[str, Any]:
    """Return a sound complaint with these fields changed or added."""
    return {"id": "a", "text": TEXT} | fields


def post(client: TestClient, *complaints: Any, **fields: Any) -> Any:
    """Ask for predictions."""
    return client.post(PATH, json={"complaints": list(complaints)} | fields)


def from_environment() -> Any:
    """Build the service in one of several workers."""
    commands.configure_logging()
    settings = Settings.load()
    return fake_app(settings.home, Store.open(settings.database))


if __name__ == "__main__":
    folder, url, workers = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    store = Store.open(url)
    listener = commands._listen("127.0.0.1", 0)
    sys.stdout.write(f"{commands._address(listener)} {Keys(store).create('uji', 'admin', datetime.now(UTC))[1]}\n")
    sys.stdout.flush()
    if workers == 1:
        commands._run(fake_app(folder, store), listener)
    else:
        store.close()
        os.environ |= {"PILAH_HOME": str(folder), "PILAH_DATABASE_URL": url}
        commands._run_workers(Settings.load(), listener, workers, "service_fake:from_environment")
