"""The store does what it says on both databases."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, inspect

from classifier.errors import InputError, StoreError
from classifier.records import Complaint
from data.store.database import Store
from data.store.keys import Key, Keys
from data.store.predictions import Asked, Predictions
from data.store.tables import texts

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

# PostgreSQL holds no NUL, neither holds half a surrogate pair; the edge refuses both.
storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))


@pytest.fixture
def store(each_store: Store) -> Store:
    return each_store


def asked(complaint_id: str, text: str = "Lampu taman padam sejak Senin", **fields: Any) -> Asked:
    return Asked(Complaint(complaint_id, text, **fields), {"id": complaint_id, "evidence": []})


def test_a_key_is_found_by_its_secret_alone(store: Store) -> None:
    key, secret = Keys(store).create("kota contoh", "reviewer", NOW)
    assert key == Key(key.id, "kota contoh", "reviewer", NOW, None)
    assert secret.startswith("pilah_")
    assert len(secret) >= len("pilah_") + 32
    assert Keys(store).find(secret) == key
    assert Keys(store).find(secret + "x") is None
    assert Keys(store).find("") is None


def test_a_secret_is_never_made_twice_nor_kept(database_url: str, store: Store) -> None:
    made = {Keys(store).create("kota contoh", "router", NOW)[1] for _ in range(5)}
    assert len(made) == 5
    stored = _dump(database_url)
    assert not [secret for secret in made if secret in stored or secret.removeprefix("pilah_") in stored]


def test_a_revoked_key_opens_nothing_and_keeps_its_first_date(store: Store) -> None:
    key, secret = Keys(store).create("kota contoh", "admin", NOW)
    other, other_secret = Keys(store).create("kabupaten contoh", "admin", NOW)
    assert Keys(store).revoke(key.id, LATER).revoked == LATER
    assert Keys(store).find(secret) is None
    assert Keys(store).revoke(key.id, LATER + timedelta(days=1)).revoked == LATER
    assert Keys(store).find(other_secret) == other


def test_revoking_an_unknown_key_names_it(store: Store) -> None:
    with pytest.raises(InputError, match=r"no key has the id 99; expected an id from `pilah keys list`"):
        Keys(store).revoke(99, NOW)


def test_keys_are_listed_oldest_first(store: Store) -> None:
    assert Keys(store).list() == []
    made = [Keys(store).create(name, "scientist", NOW)[0] for name in ("b", "a", "c")]
    revoked = Keys(store).revoke(made[1].id, LATER)
    assert Keys(store).list() == [made[0], revoked, made[2]]


def test_an_unknown_role_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="one of its rules forbids it") as refused:
        Keys(store).create("kota contoh", "root", NOW)  # type: ignore[arg-type]
    assert not refused.value.retryable
    assert Keys(store).list() == []


def test_a_prediction_is_read_back_as_it_was_given(store: Store, key: Key) -> None:
    complaint = Complaint(
        "L-1", "Got tersumbat, hubungi <TELEPON> 🙏", "Got", "Kota Contoh, Kec. Contoh", NOW, "situs", "anonim"
    )
    Predictions(store).add(key.id, [Asked(complaint, {"topic": {"probability": 0.5}, "notes": []})], "m-1", LATER)
    (found,) = Predictions(store).of(key.id, "L-1")
    assert (found.complaint_id, found.title, found.text) == ("L-1", complaint.title, complaint.text)
    assert (found.region, found.date, found.channel, found.visibility) == (complaint.region, NOW, "situs", "anonim")
    assert (found.model, found.made, found.answer) == ("m-1", LATER, {"topic": {"probability": 0.5}, "notes": []})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    complaint_id=storable,
    text=storable,
    title=storable,
    region=storable,
    date=st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=zones),
)
def test_whatever_is_stored_comes_back(
    store: Store, complaint_id: str, text: str, title: str, region: str, date: datetime | None
) -> None:
    key, _ = Keys(store).create("kota contoh", "router", NOW)
    sent = asked(complaint_id, text, title=title, region=region, date=date)
    Predictions(store).add(key.id, [sent], "m", NOW)
    (found,) = Predictions(store).of(key.id, complaint_id)
    assert (found.text, found.title, found.region, found.date) == (text, title, region, date)
    assert found.answer == sent.answer


def test_a_date_without_a_zone_is_jakarta_time(store: Store, key: Key) -> None:
    Predictions(store).add(key.id, [asked("L-1", date=datetime(2025, 1, 1, 7))], "m", NOW)
    assert Predictions(store).of(key.id, "L-1")[0].date == datetime(2025, 1, 1, tzinfo=UTC)


def test_sending_an_id_again_appends_and_stores_only_a_changed_text(database_url: str, store: Store, key: Key) -> None:
    for model, text in [("m-1", "Got tersumbat"), ("m-2", "Got tersumbat"), ("m-3", "Got tersumbat lagi")]:
        Predictions(store).add(key.id, [asked("L-1", text)], model, NOW)
    found = Predictions(store).of(key.id, "L-1")
    assert [(p.model, p.text) for p in found] == [
        ("m-1", "Got tersumbat"),
        ("m-2", "Got tersumbat"),
        ("m-3", "Got tersumbat lagi"),
    ]
    assert count_rows(database_url) == {"keys": 1, "reports": 1, "texts": 2, "predictions": 3, "pings": 1}


def test_an_id_belongs_to_its_key(store: Store, key: Key) -> None:
    other, _ = Keys(store).create("kabupaten contoh", "router", NOW)
    Predictions(store).add(key.id, [asked("L-1", "Got tersumbat")], "m", NOW)
    Predictions(store).add(other.id, [asked("L-1", "Pohon tumbang")], "m", NOW)
    assert [p.text for p in Predictions(store).of(key.id, "L-1")] == ["Got tersumbat"]
    assert [p.text for p in Predictions(store).of(other.id, "L-1")] == ["Pohon tumbang"]
    assert Predictions(store).of(key.id, "L-2") == []


def test_more_than_one_batch_is_one_call(database_url: str, store: Store, key: Key) -> None:
    Predictions(store).add(key.id, [], "m", NOW)
    Predictions(store).add(key.id, [asked(f"L-{number}") for number in range(2300)], "m", NOW)
    Predictions(store).add(key.id, [asked("L-1"), asked("L-1", "Teks lain"), asked("L-2299")], "m", NOW)
    assert count_rows(database_url) == {"keys": 1, "reports": 2300, "texts": 2301, "predictions": 2303, "pings": 1}
    assert [p.text for p in Predictions(store).of(key.id, "L-1")][1:] == ["Lampu taman padam sejak Senin", "Teks lain"]


def test_an_erased_text_leaves_the_facts_and_none_of_its_words(database_url: str, store: Store, key: Key) -> None:
    evidence = {"for": "topic", "field": "text", "start": 0, "end": 7, "text": "Kandang", "weight": 0.25}
    sent = Asked(Complaint("L-1", "Kandang bebek berbau"), {"evidence": [evidence]})
    Predictions(store).add(key.id, [sent], "m", NOW)
    _change(database_url, delete(texts))
    (found,) = Predictions(store).of(key.id, "L-1")
    assert (found.title, found.text) == (None, None)
    assert found.answer == {"evidence": [{"for": "topic", "field": "text", "start": 0, "end": 7, "weight": 0.25}]}
    Predictions(store).add(key.id, [asked("L-2", "Teks orang lain")], "m", NOW)
    assert Predictions(store).of(key.id, "L-1")[0].text is None


@pytest.mark.parametrize("bad", ["unknown key", "broken text"])
def test_a_refused_call_stores_nothing_and_quotes_nothing(database_url: str, store: Store, key: Key, bad: str) -> None:
    Predictions(store).add(key.id, [asked("L-1")], "m", NOW)
    before = count_rows(database_url)
    text = "Rahasia warga \ud800" if bad == "broken text" else "Rahasia warga"
    with pytest.raises(StoreError) as refused:
        Predictions(store).add(
            key.id + (bad == "unknown key"), [asked("L-1"), asked("L-2"), asked("L-3", text)], "m", NOW
        )
    assert not refused.value.retryable
    assert "Rahasia" not in str(refused.value)
    assert "L-3" not in str(refused.value)
    assert count_rows(database_url) == before
    Predictions(store).add(key.id, [asked("L-3")], "m", NOW)


def test_eight_threads_append_and_none_is_lost(database_url: str, store: Store, key: Key) -> None:
    def append(thread: int) -> None:
        for number in range(15):
            # The shared ids come in opposite orders, which would deadlock if they were taken as they come.
            shared = [asked("sama-1"), asked("sama-2")][:: 1 if thread % 2 else -1]
            Predictions(store).add(key.id, [asked(f"{thread}-{number}"), *shared], f"m-{thread}", NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(8)))
    assert Counter(p.model for p in Predictions(store).of(key.id, "sama-1")) == {f"m-{n}": 15 for n in range(8)}
    assert count_rows(database_url) == {"keys": 1, "reports": 122, "texts": 122, "predictions": 360, "pings": 1}


def test_workers_may_open_an_empty_database_at_once(database_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: Store.open(database_url), range(8)))
    for number, opened in enumerate(stores):
        Keys(opened).create(f"pekerja {number}", "router", NOW)
        opened.close()
    assert count_rows(database_url)["keys"] == 8


def test_what_was_stored_is_there_after_reopening(database_url: str) -> None:
    first = Store.open(database_url)
    key, secret = Keys(first).create("kota contoh", "router", NOW)
    Predictions(first).add(key.id, [asked("L-1")], "m", NOW)
    first.close()
    second = Store.open(database_url)
    assert Keys(second).find(secret) == key
    assert len(Predictions(second).of(key.id, "L-1")) == 1
    second.close()


def test_ping_answers_and_does_not_pile_up(database_url: str, store: Store) -> None:
    for _ in range(3):
        store.ping()
    assert count_rows(database_url)["pings"] == 1


def test_every_constraint_has_a_name(database_url: str, store: Store) -> None:
    engine = create_engine(_driver(database_url))
    inspector = inspect(engine)
    names = [
        constraint["name"]
        for table in inspector.get_table_names()
        for constraint in [
            *inspector.get_foreign_keys(table),
            *inspector.get_unique_constraints(table),
            *inspector.get_check_constraints(table),
        ]
    ]
    engine.dispose()
    assert "uq_reports_key_id_complaint_id" in names
    assert "ck_keys_role" in names
    assert None not in names


def count_rows(url: str) -> dict[str, int]:
    return {name: len(rows) for name, rows in _tables(url).items()}


def _dump(url: str) -> str:
    return repr(_tables(url))


def _tables(url: str) -> dict[str, list[tuple[Any, ...]]]:
    engine = create_engine(_driver(url))
    with engine.connect() as connection:
        tables = {
            name: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]
            for name in ("keys", "reports", "texts", "predictions", "pings")
        }
    engine.dispose()
    return tables


def _change(url: str, statement: Any) -> None:
    engine = create_engine(_driver(url))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.execute(statement)
    engine.dispose()


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")
