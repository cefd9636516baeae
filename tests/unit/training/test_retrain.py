"""Retraining: what is learnt and held back, which model serves afterwards, and that a killed one changes nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import toy

from classifier.errors import InputError
from classifier.records import Complaint
from data.dataset import read_corpus
from data.lexicon import read_lexicon
from data.tables import REFERENCE, read_taxonomy
from models import bundle
from models.registry import Registry
from models.row_hashes import row_key
from training import retrain as module
from training.config import read_config
from training.retrain import Recipe, Retrained, retrain
from training.snapshot import Snapshot, snapshot

RECIPE = Recipe(toy.taxonomy(), toy.LEXICON, toy.config(), "topic", 0.05)
WORDS = [
    "pagi",
    "siang",
    "sore",
    "malam",
    "subuh",
    "senja",
    "lusa",
    "kemarin",
    "besok",
    "tadi",
    "nanti",
    "kini",
    "dahulu",
    "sekarang",
    "selalu",
    "sering",
]


@dataclass(frozen=True)
class Learnt:
    """A correction as the store gives it back."""

    complaint: Complaint
    sources: frozenset[str] = frozenset({"reviewer"})
    agreed: int = 1


def many(times: int = 8) -> list[Complaint]:
    """Return the toy complaints in several wordings, days apart."""
    return [
        replace(one, id=f"{one.id}-{word}", text=f"{one.text} {word}", date=toy.START + timedelta(days=at))
        for at, word in enumerate(WORDS[:times])
        for one in toy.complaints()
    ]


def again(home: Path, rows: Iterable[Complaint], said: Sequence[Learnt] = (), recipe: Recipe = RECIPE) -> Retrained:
    return retrain(Registry(home), home, row_key(home), snapshot(rows, said), recipe)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def learnt_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose model learnt the complaints in six wordings."""
    home = tmp_path_factory.mktemp("once") / "var"
    again(home, many(6))
    return home


@pytest.fixture
def served(learnt_once: Path, home: Path) -> str:
    """The id of the model that serves in `home`, which is a copy of that home."""
    shutil.copytree(learnt_once, home)
    return str(Registry(home).active())


def test_the_first_model_serves_and_holds_rows_back(home: Path) -> None:
    done = again(home, many())
    assert (done.outcome, done.previous) == ("promoted", None)
    assert Registry(home).active() == done.id
    assert 40 < done.held_back < 120
    assert done.rows + done.held_back == len(many())
    hashes = bundle.read_rows(Registry(home).path(done.id))
    assert hashes
    seen = hashes.seen([one.text for one in many()], row_key(home))
    assert seen is not None
    assert seen.count(False) == done.held_back


def test_the_next_model_is_compared_on_rows_that_neither_has_seen(home: Path, served: str) -> None:
    second = again(home, many(7))
    assert (second.outcome, second.previous) == ("promoted", served)
    assert second.trial
    assert second.trial.gate.verdict == "passed"
    assert second.trial.gate.figures["seen"] == {"candidate": 0, "active": 0}
    assert second.held_back == len(json_rows(Registry(home)))


def test_nothing_new_trains_nothing(home: Path, served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(module, "fit")
    done = again(home, many(6))
    assert (done.outcome, done.id, done.trial) == ("unchanged", served, None)
    assert len(Registry(home).history()) == 1


def test_a_worse_model_is_refused_and_the_old_one_serves(home: Path, served: str) -> None:
    wrong = {toy.ROADS: toy.WATER, toy.WATER: toy.WASTE, toy.WASTE: toy.LAMPS, toy.LAMPS: toy.ROADS}
    said = [Learnt(relabelled(one, topic=wrong[one.labels["topic"]])) for one in many(6)]
    held = {one.text for one in json_rows(Registry(home))}
    done = again(home, many(6), [one for one in said if one.complaint.text not in held])
    assert done.outcome == "refused"
    assert done.trial
    assert "worse" in done.trial.gate.reasons
    assert Registry(home).active() == served
    assert again(home, many(6), [one for one in said if one.complaint.text not in held]).outcome == "unchanged"


def json_rows(registry: Registry) -> list[Complaint]:
    frozen = registry.frozen()
    assert frozen
    rows = [json.loads(line) for line in registry.test_rows(frozen).decode().splitlines()]
    return [Complaint(row["id"], row["text"]) for row in rows]


def relabelled(one: Complaint, **labels: str) -> Complaint:
    return replace(one, labels={**one.labels, **labels})


def test_twenty_corrections_make_a_new_class_and_harm_no_other(home: Path, served: str) -> None:
    streets = [f"Kucing liar berkeliaran di gang {word} nomor dua, mohon ditangkap" for word in WORDS] + [
        f"Kucing liar mengacak dapur warga tiap {word}" for word in WORDS[:4]
    ]
    said = [
        Learnt(Complaint(f"kucing-{at}", text, labels={"topic": "Hewan Liar", "agency": "Satpol PP"}))
        for at, text in enumerate(streets)
    ]
    done = again(home, many(6), said)
    assert done.outcome == "promoted"
    assert done.id != served
    assert done.trial
    assert done.trial.changes.new == {"topic": ("Hewan Liar",), "agency": ("Satpol PP",)}
    known = bundle.load(Registry(home).path(done.id)).classifier
    (answer,) = known.classify([Complaint("baru", "Ada kucing liar di gang belakang, tolong ditangkap")])
    assert (answer.topic[0].label.code, answer.agency[0].label.code) == ("Hewan Liar", "Satpol PP")
    others = known.classify(toy.complaints())
    right = [
        one.topic[0].label.code == truth.labels["topic"] for one, truth in zip(others, toy.complaints(), strict=True)
    ]
    assert sum(right) >= len(right) - 1


def test_a_topic_added_to_the_reference_is_learnt_at_the_next_retraining(home: Path, tmp_path: Path) -> None:
    tables, topic = tmp_path / "reference", "lingkungan-hidup-dan-kehutanan/monyet-masuk-kampung"
    shutil.copytree(REFERENCE, tables)
    told = [
        Complaint(f"monyet-{at}", f"Monyet masuk kampung tiap {word}, atap dirusak", labels={"topic": topic})
        for at, word in enumerate([*WORDS, "larut", "petang", "fajar", "dini"])
    ]
    rows = [*read_corpus()[:300], *told]
    before = again(home, rows, recipe=national(tables))
    with (tables / "topics.csv").open("a", encoding="utf-8") as file:
        file.write(f"{topic},Monyet Masuk Kampung,Lingkungan Hidup dan Kehutanan,,,,,\n")
    done = again(home, rows, recipe=national(tables))
    assert (done.outcome, done.previous) == ("promoted", before.id)
    assert done.trial
    assert done.trial.changes.new == {"topic": (topic,)}
    known = bundle.load(Registry(home).path(done.id)).classifier
    (answer,) = known.classify([Complaint("baru", "Kampung kami dimasuki monyet, atap rumah dirusak")])
    assert answer.topic[0].label.code == topic


def national(tables: Path) -> Recipe:
    return Recipe(read_taxonomy(tables), read_lexicon(), read_config("corpus"), "topic", 0.05)


def test_rows_that_the_gate_froze_are_not_learnt(home: Path) -> None:
    registry, rows = Registry(home), many(3)
    test = [replace(one, id=f"uji-{one.id}", text=f"{one.text} sekali lagi") for one in rows]
    first = again(home, rows)
    content = "".join(json.dumps({"id": one.id, "text": one.text, **one.labels}) + "\n" for one in test).encode()
    assert first.trial
    registry.refuse(first.id, when=toy.START, gate=_gate(first, content), rows=content)
    done = again(home, [*rows, *test])
    hashes = bundle.read_rows(registry.path(done.id))
    assert hashes
    assert not any(hashes.seen([one.text for one in test], row_key(home)) or [True])


def _gate(done: Retrained, content: bytes) -> Any:
    import hashlib

    from models.history import FrozenRows, Gate

    return Gate("refused", done.id, test=FrozenRows(hashlib.sha256(content).hexdigest(), content.count(b"\n"), 1.0))


def test_a_model_from_elsewhere_is_not_compared_on_rows_that_it_may_have_learnt(home: Path, served: str) -> None:
    (home / "row-key").unlink()
    done = again(home, many(7))
    assert (done.outcome, done.previous, done.held_back) == ("promoted", served, 0)
    assert done.trial
    assert done.trial.gate.verdict == "passed"  # on the rows that stood frozen


def test_without_any_report_there_is_nothing_to_learn(home: Path) -> None:
    with pytest.raises(InputError, match="there is no report to learn from"):
        retrain(Registry(home), home, row_key(home), Snapshot([], [], 0), RECIPE)


def test_a_candidate_that_was_published_before_the_kill_is_taken_up(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again(home, many(6))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "hold", killed)
        with pytest.raises(KeyboardInterrupt):
            again(home, many(7))
    registry = Registry(home)
    candidate = next(one.id for one in registry.list() if one.id != served)
    monkeypatch.delattr(module, "fit")
    done = again(home, many(7))
    assert (done.outcome, done.id, registry.active()) == ("promoted", candidate, candidate)


KILL = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}, {here!r}]
import toy
import test_retrain as tests
from training import retrain as module
from models.registry import Registry

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

place = {place!r}
if place == "training":
    module.write_bundle = kill
elif place == "writing":
    import models.bundle
    models.bundle.write_file = kill
elif place == "publishing":
    import models.registry
    models.registry.write_file = kill
else:
    module.hold = kill
tests.again(Path({home!r}), tests.many(7))
"""


@pytest.mark.parametrize("place", ["training", "writing", "publishing", "comparing"])
def test_a_killed_retraining_leaves_the_old_model_serving(place: str, home: Path, served: str, root: Path) -> None:
    here = Path(__file__).parent
    script = KILL.format(root=str(root), tests=str(root / "tests"), here=str(here), place=place, home=str(home))
    done = subprocess.run([sys.executable, "-c", script], env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    registry = Registry(home)
    assert registry.active() == served
    assert not registry.broken()
    assert bundle.verify(registry.path(served)).id == served
    after = again(home, many(7))
    assert after.outcome == "promoted"
    assert registry.active() == after.id
    assert not [path for path in home.rglob(".*") if path.is_dir()]
    assert not (home / module.FOLDER).exists()


def test_a_bundle_says_what_it_was_trained_on(home: Path) -> None:
    said = [Learnt(relabelled(many(1)[0], topic="Lain"))]
    details = bundle.read_manifest(Registry(home).path(again(home, many(6), said).id)).data.details
    assert details["corrections"] in (0, 1)  # it may be held back
    assert len(details["snapshot"]) == 64
    assert 0 <= details["expected"]["unknown_words"] <= 1
