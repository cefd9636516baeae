"""What is erased is gone from the database, down to the bytes of a SQLite file; what happened stays known."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, String, cast, select, text

from classifier.errors import InputError
from classifier.records import Complaint
from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.erasure import Erasure
from data.store.keys import Key, Keys
from data.store.predictions import Asked, Predictions
from data.store.queue import Queue
from data.store.reach import EVERYTHING
from data.store.similar import Similar
from data.store.tables import erasures, texts

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=400)
SECRETS = ("zamrudhilir", "kelabangan", "tembikarwangi", "ubinretak")  # words that stand nowhere else
TITLE, TEXT = f"Soal {SECRETS[0]}", f"Di depan {SECRETS[1]} ada {SECRETS[2]} yang pecah " + "dan bau " * 900
NOTE = f"Warga yang sama lapor {SECRETS[3]}"
ANSWER = {
    "topic": {"code": "topik", "probability": 0.5},
    "decision": {"action": "review", "reasons": []},
    "evidence": [{"for": "topic", "field": "text", "start": 9, "end": 19, "text": SECRETS[1], "weight": 0.5}],
}


@pytest.fixture
def store(each_store: Store) -> Store:
    return each_store


def add(store: Store, key: Key, complaint_id: str, written: str, now: datetime = NOW, **fields: Any) -> int:
    Predictions(store).add(key.id, [Asked(Complaint(complaint_id, written, **fields), ANSWER)], "m", now)
    return Erasure(store).find(key.id, complaint_id)


def others(store: Store, key: Key) -> None:
    """Store reports round those that are erased, so that their pages are shared."""
    batch = [Asked(Complaint(f"X-{number}", f"Got nomor {number} tersumbat daun"), ANSWER) for number in range(300)]
    Predictions(store).add(key.id, batch, "m", NOW)


def held(store: Store) -> str:
    """Return all that any table shows."""
    tables = MetaData()
    with store.read() as connection:
        tables.reflect(connection)
        return "".join(
            str(row) for table in tables.tables.values() for row in connection.execute(select(*map(_shown, table.c)))
        )


def _shown(column: Any) -> Any:
    return cast(column, String) if str(column.type) in ("TSVECTOR", "NULL") else column


def test_a_report_is_erased_down_to_its_words_and_its_facts_stay(store: Store, key: Key) -> None:
    others(store, key)
    report = add(store, key, "L-1", TEXT, title=TITLE)
    add(store, key, "L-1", TEXT + " sampai kini", title=TITLE)
    correction = Corrections(store).add(key.id, Said(report, agency="badan", note=NOTE), NOW)
    assert all(word in held(store) for word in SECRETS)
    stone = Erasure(store).erase(report, key.id, "atas permintaan warga", LATER)
    assert len(list(Erasure(store).overwrite())) < 10
    assert (stone.report, stone.complaint_id, stone.made) == (report, "L-1", LATER)
    assert not [word for word in SECRETS if word in held(store)]
    assert Similar(store).find("", TEXT) == []
    answered = Predictions(store).of(key.id, "L-1")
    assert [(one.text, one.title, one.answer["topic"]["code"]) for one in answered] == [(None, None, "topik")] * 2
    (said,) = Corrections(store).of(report)
    assert (said.id, said.agency, said.note) == (correction.id, "badan", "")
    assert len(Predictions(store).of(key.id, "X-7")[0].text or "") > 0


@pytest.mark.parametrize("count", [1, 2, 20])  # of the index, few pieces or many are to be merged
def test_no_word_is_left_in_the_bytes_of_a_sqlite_file(tmp_path: Path, sqlite_url: str, count: int) -> None:
    store = Store.open(sqlite_url)
    key, _ = Keys(store).create("kota contoh", "router", NOW)
    for number in range(count):
        others_of = [Asked(Complaint(f"{number}-{one}", f"Jalan nomor {one} retak"), ANSWER) for one in range(30)]
        Predictions(store).add(key.id, others_of, "m", NOW)
        report = add(store, key, f"L-{number}", TEXT, title=TITLE)
        Corrections(store).add(key.id, Said(report, agency="badan", note=NOTE), NOW)
    assert all(word.encode() in _bytes(tmp_path) for word in SECRETS)
    for number in range(count):
        Erasure(store).erase(Erasure(store).find(key.id, f"L-{number}"), None, "", LATER)
    assert len(list(Erasure(store).overwrite())) < 10
    assert not [word for word in SECRETS if word.encode() in _bytes(tmp_path)]
    store.close()
    assert not [word for word in SECRETS if word.encode() in _bytes(tmp_path)]


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("pilah.db*")))


def test_a_report_that_waits_waits_no_longer(store: Store, key: Key) -> None:
    report = add(store, key, "L-1", TEXT)
    assert [one.report for one in Queue(store).list(key, EVERYTHING, NOW, limit=5)] == [report]
    Erasure(store).erase(report, None, "", LATER)
    assert Queue(store).list(key, EVERYTHING, NOW, limit=5) == []


def test_what_is_sent_later_is_answered_and_stored_without_its_text(store: Store, key: Key) -> None:
    report = add(store, key, "L-1", TEXT)
    Erasure(store).erase(report, None, "", LATER)
    batch = [Asked(Complaint(one, f"{TEXT} {one}"), ANSWER) for one in ("L-1", "L-2")]
    Predictions(store).add(key.id, batch, "m-2", LATER)
    Predictions(store).add(key.id, batch[:1], "m-3", LATER)
    found = Predictions(store).of(key.id, "L-1")
    assert [(one.model, one.text) for one in found] == [("m", None), ("m-2", None), ("m-3", None)]
    assert [one.complaint_id for one in Queue(store).list(key, EVERYTHING, LATER, limit=5)] == ["L-2"]
    assert [one.complaint_id for one in Similar(store).find("", TEXT)] == ["L-2"]


def test_a_text_that_comes_in_meanwhile_does_not_stay(store: Store, key: Key) -> None:
    for number in range(20):
        report = add(store, key, f"L-{number}", TEXT)

        def send(name: str = f"L-{number}") -> None:
            for version in range(5):
                add(store, key, name, f"Got versi {version}")

        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(send)
            Erasure(store).erase(report, None, "", LATER)
            sending.result()
    with store.read() as connection:
        assert connection.scalars(select(texts.c.report_id)).all() == []


def test_the_first_tombstone_stays(store: Store, key: Key) -> None:
    report = add(store, key, "L-1", TEXT)
    first = Erasure(store).erase(report, key.id, "permintaan", NOW)
    assert Erasure(store).erase(report, None, "lagi", LATER) == first


def test_an_unknown_report_is_named(store: Store, key: Key) -> None:
    with pytest.raises(InputError, match="no report has the number 99"):
        Erasure(store).erase(99, None, "", NOW)
    with pytest.raises(InputError, match="has sent no report of this id"):
        Erasure(store).find(key.id, "L-99")


def test_texts_are_erased_by_the_age_of_the_last_answer(store: Store, key: Key) -> None:
    for number in range(450):
        add_at = NOW if number % 3 else LATER
        Predictions(store).add(key.id, [Asked(Complaint(f"L-{number}", f"{TEXT} {number}"), ANSWER)], "m", add_at)
    add(store, key, "L-1", f"{TEXT} 1", LATER)  # sent again: it counts as new
    counts = list(Erasure(store).retain(LATER - timedelta(days=30), LATER))
    assert sum(counts) == 299
    assert max(counts) <= 200
    assert list(Erasure(store).retain(LATER - timedelta(days=30), LATER)) == []
    with store.read() as connection:
        assert connection.scalar(select(text("count(*)")).select_from(texts)) == 151
        assert set(connection.scalars(select(erasures.c.reason))) == {"retention"}
    assert Predictions(store).of(key.id, "L-1")[0].text is not None
    assert Predictions(store).of(key.id, "L-2")[0].text is None


def test_overwriting_an_empty_index_ends(store: Store) -> None:
    assert len(list(Erasure(store).overwrite())) < 10
