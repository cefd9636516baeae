"""Earlier reports are found by the rare words that they share, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from classifier.records import Complaint
from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.keys import Key
from data.store.predictions import Asked, Predictions
from data.store.reach import Reach
from data.store.similar import Similar
from data.store.text_words import index_all, words_of

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
LAMP = "Lampu taman padam sejak Senin di dekat air mancur"
LATER = "Mohon lampu taman yang padam itu diperbaiki"
DITCH = "Got di depan pasar tersumbat popok"


@pytest.fixture
def store(each_store: Store) -> Store:
    return each_store


def add(store: Store, key: Key, complaint_id: str, written: str, agency: str = "dinas-contoh", **fields: Any) -> None:
    answer = {"topic": {"code": "topik-contoh"}, "agency": {"code": agency}, "evidence": []}
    Predictions(store).add(key.id, [Asked(Complaint(complaint_id, written, **fields), answer)], "m", NOW)


def found(store: Store, written: str, **options: Any) -> list[str]:
    return [one.complaint_id for one in Similar(store).find("", written, **options)]


def test_words_are_normalised_and_the_commonest_and_numbers_are_left_out() -> None:
    written = "sdh 3 hari yg lampu2 taman padam, RT 05, hub <TELEPON> a"
    assert words_of("Lampu PADAM", written) == ["lampu", "padam", "taman", "hubungi"]


def test_a_long_report_is_found_by_its_beginning() -> None:
    assert len(words_of("", " ".join(f"kata{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(200)))) == 64


def test_the_report_that_shares_most_comes_first(store: Store, key: Key) -> None:
    for number, written in enumerate([DITCH, LATER, LAMP, "Jalan berlubang dekat taman"]):
        add(store, key, f"L-{number}", written)
    similar = Similar(store).find("", LAMP)
    assert [one.complaint_id for one in similar] == ["L-2", "L-1", "L-3"]
    assert similar[0].score == pytest.approx(1)
    assert 1 > similar[1].score > similar[2].score > 0
    assert (similar[1].text, similar[1].topic, similar[1].agency) == (LATER, "topik-contoh", "dinas-contoh")
    assert found(store, LAMP, limit=1) == ["L-2"]
    assert found(store, LAMP, without=similar[0].report) == ["L-1", "L-3"]


def test_words_that_nobody_wrote_or_everybody_writes_find_nothing(store: Store, key: Key) -> None:
    add(store, key, "L-1", LAMP)
    assert found(store, "Belum pernah ada yang begini") == []
    assert found(store, "zamrud ungu") == []
    assert found(store, "") == []
    assert found(store, "' OR \" * NEAR( : lampu AND NOT") == ["L-1"]


def test_a_report_stands_once_however_often_it_was_sent(store: Store, key: Key) -> None:
    for written in (LAMP, LAMP, LAMP + " dan kolam"):
        add(store, key, "L-1", written)
    assert found(store, LAMP) == ["L-1"]


def test_a_confidential_report_is_never_found(store: Store, key: Key) -> None:
    add(store, key, "L-1", LAMP, visibility="rahasia")
    assert found(store, LAMP) == []
    assert _indexed(store) == 0
    add(store, key, "L-1", LAMP, visibility="anonim")
    assert found(store, LAMP) == ["L-1"]
    add(store, key, "L-1", LAMP, visibility="rahasia")
    assert found(store, LAMP) == []
    assert _indexed(store) == 0


def test_only_reports_within_reach_are_found(store: Store, key: Key) -> None:
    add(store, key, "L-1", LAMP, agency="dinas-contoh")
    add(store, key, "L-2", LAMP, agency="badan-contoh")
    reach = Reach(frozenset(["badan-contoh"]))
    assert found(store, LAMP, reach=reach) == ["L-2"]
    assert found(store, LAMP, reach=replace(reach, confidential=True)) == ["L-2"]
    add(store, key, "L-2", LAMP, agency="dinas-contoh")
    assert found(store, LAMP, reach=reach) == []
    add(store, key, "L-2", LAMP, agency="badan-contoh", visibility="rahasia")
    assert found(store, LAMP, reach=replace(reach, confidential=True)) == []


def test_what_people_decided_comes_before_what_was_predicted(store: Store, key: Key) -> None:
    add(store, key, "L-1", LAMP)
    (before,) = Similar(store).find("", LAMP)
    Corrections(store).add(key.id, Said(before.report, agency="badan-contoh"), NOW)
    (after,) = Similar(store).find("", LAMP)
    assert (before.agency, before.decided) == ("dinas-contoh", False)
    assert (after.topic, after.agency, after.decided) == ("topik-contoh", "badan-contoh", True)


def test_frequent_words_are_searched_together(store: Store, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.store.similar.MOST_MATCHES", 3)
    texts = ["jembatan miring", "jembatan retak", "saluran miring", "jembatan", "miring", "jembatan kayu"]
    batch = [Asked(Complaint(f"L-{number}", written), {"evidence": []}) for number, written in enumerate(texts * 20)]
    Predictions(store).add(key.id, batch, "m", NOW)
    with store.write() as connection:
        if not store.is_sqlite:
            connection.execute(text("ANALYZE text_words"))
    assert set(found(store, "jembatan miring", limit=50)) <= {f"L-{6 * turn}" for turn in range(20)}


def test_the_index_can_be_made_anew(store: Store, key: Key) -> None:
    add(store, key, "L-1", LAMP)
    add(store, key, "L-2", LATER, visibility="rahasia")
    with store.write() as connection:
        connection.execute(text("DELETE FROM text_words"))
    assert found(store, LAMP) == []
    with store.write() as connection:
        index_all(connection)
    assert found(store, LAMP) == ["L-1"]


def _indexed(store: Store) -> int:
    with store.read() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM text_words")) or 0)
