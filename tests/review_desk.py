"""The reviewers' page over a real store: reports with answers written by hand, and the keys of two reviewers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import uvicorn

from classifier.records import Complaint, Label
from data.store.database import Store
from data.store.keys import Keys, Scope
from data.store.predictions import Asked, Predictions
from models.registry import Registry
from service import commands
from service.app import create_app
from service.live_model import LiveModel
from service.settings import Settings

WORKS = "Pekerjaan Umum dan Penataan Ruang"
LAMP = Label("pekerjaan-umum-dan-penataan-ruang/penerangan-jalan", "Penerangan Jalan", WORKS)
HOLE = Label("pekerjaan-umum-dan-penataan-ruang/jalan-berlubang", "Jalan Berlubang", WORKS)
PATH = Label("pekerjaan-umum-dan-penataan-ruang/trotoar", "Trotoar", WORKS)
WASTE = Label(
    "lingkungan-hidup-dan-kehutanan/pengelolaan-sampah", "Pengelolaan Sampah", "Lingkungan Hidup dan Kehutanan"
)
FLOOD = Label("lingkungan-hidup-dan-kehutanan/banjir", "Banjir", "Lingkungan Hidup dan Kehutanan")
DRUGS = Label("kesehatan/kekosongan-obat", "Kekosongan Obat", "Kesehatan")
TOPICS = (LAMP, HOLE, PATH, WASTE, FLOOD, DRUGS)
KINDS = (Label("aspirasi", "Aspirasi"), Label("permintaan-informasi", "Permintaan Informasi"))
TRAFFIC, ROADS, CLEANING = "dinas-perhubungan", "dinas-pekerjaan-umum", "dinas-lingkungan-hidup"
NAMES = {
    TRAFFIC: "Dinas Perhubungan",
    ROADS: "Dinas Pekerjaan Umum dan Penataan Ruang",
    CLEANING: "Dinas Lingkungan Hidup",
}
CITY, OTHER_CITY = ("3578", "Kota Surabaya"), ("3273", "Kota Bandung")
TEXT = "Lampu di depan balai warga Contoh padam sejak tiga malam, anak-anak pulang mengaji dalam gelap."


def answer(
    topics: tuple[Label, ...] = (LAMP, HOLE, PATH, WASTE, FLOOD),
    agencies: tuple[str, ...] = (TRAFFIC, ROADS, CLEANING),
    place: tuple[str, str] = CITY,
    reasons: tuple[str, ...] = ("doubtful-topic",),
    notes: tuple[str, ...] = (),
    evidence: tuple[dict[str, Any], ...] = (),
    sure: float = 0.6,
) -> dict[str, Any]:
    """Return the JSON of a prediction that wants a person."""
    ranked = [{"code": one.code, "name": one.name, "main": one.group} for one in topics]
    bodies = [
        {"code": f"{one}@{place[0]}", "name": f"{NAMES[one]} {place[1]}", "archetype": NAMES[one]} for one in agencies
    ]
    return {
        "model": "model-uji",
        "topic": _answer(ranked, sure),
        "agency": _answer(bodies, 0.7),
        "kind": {"code": KINDS[0].code, "name": KINDS[0].name, "probability": 0.8},
        "place": {"code": place[0], "name": place[1], "probability": 0.99, "alternatives": []},
        "decision": {"action": "review", "topic": "review", "agency": "review", "reasons": list(reasons)},
        "evidence": list(evidence),
        "notes": list(notes),
    }


def _answer(ranked: list[dict[str, str]], sure: float) -> dict[str, Any]:
    chances = [sure, *(0.2 / 2**at for at in range(len(ranked) - 1))]
    best, *others = [one | {"probability": chance} for one, chance in zip(ranked, chances, strict=True)]
    return best | {"alternatives": others}


def load(folder: Path) -> Any:
    """Return a bundle that knows labels and answers nothing."""
    classifier = SimpleNamespace(id=folder.name, topics=TOPICS, agencies=(), kinds=KINDS)
    taxonomy = SimpleNamespace(kind="national", version="1")
    manifest = SimpleNamespace(id=folder.name, created=datetime.now(UTC), metrics={}, taxonomy=taxonomy)
    return SimpleNamespace(manifest=manifest, classifier=classifier)


@dataclass
class Office:
    """A store with a router's key, to which reports are added, and the service on it."""

    folder: Path
    store: Store
    address: str = ""
    reports: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.router, _ = Keys(self.store).create("kanal", "router", datetime.now(UTC))

    def reviewer(self, name: str, *, role: Any = "reviewer", **scope: Any) -> str:
        """Make a key with a scope and return its secret."""
        return Keys(self.store).create(name, role, datetime.now(UTC), Scope(**scope))[1]

    def report(self, complaint_id: str, text: str = TEXT, *, minutes: int = 60, **fields: Any) -> None:
        """Let a report wait since some minutes; `fields` of the complaint, or of `answer`."""
        own = {name: fields.pop(name) for name in ("title", "region", "channel", "visibility") if name in fields}
        complaint = Complaint(complaint_id, text, date=datetime.now(UTC) - timedelta(days=1), **own)
        made = datetime.now(UTC) - timedelta(minutes=minutes)
        Predictions(self.store).add(self.router.id, [Asked(complaint, answer(**fields))], "model-uji", made)

    def app(self, **settings: Any) -> Any:
        """Return the service."""
        live = LiveModel(self.folder / "model-uji", load)
        live.start()
        return create_app(Settings(home=self.folder, **settings), self.store, live, Registry(self.folder))


@contextmanager
def served(office: Office) -> Iterator[Office]:
    """Serve the office on a free port of this process."""
    listener = commands._listen("127.0.0.1", 0)
    server = uvicorn.Server(commands._config(office.app()))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    office.address = commands._address(listener)
    try:
        yield office
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
