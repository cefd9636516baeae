"""Erasing over HTTP, and by age while the service runs, on both databases."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from service_fake import complaint, fake_app, post
from starlette.testclient import TestClient

from classifier.records import Complaint
from data.store.database import Store
from data.store.erasure import Erasure
from data.store.keys import Keys
from data.store.predictions import Asked, Predictions
from data.store.tables import Role

ADMIN = 1  # the id of the client's key


@pytest.fixture
def store(each_store: Store) -> Store:
    return each_store


def as_role(store: Store, role: Role) -> dict[str, str]:
    _, secret = Keys(store).create("lain", role, datetime.now(UTC))
    return {"Authorization": f"Bearer {secret}"}


def text_of(store: Store, key_id: int, complaint_id: str) -> str | None:
    return Predictions(store).of(key_id, complaint_id)[0].text


def test_an_admin_erases_any_report_by_its_number(client: TestClient, store: Store) -> None:
    router = as_role(store, "router")
    client.post("/v1/predictions", json={"complaints": [complaint()]}, headers=router)
    response = client.delete("/v1/reports/1", params={"reason": "permintaan 081200001111"})
    assert response.status_code == 200, response.text
    stone = response.json()
    assert (stone["report"], stone["id"], stone["reason"]) == (1, "a", "permintaan <TELEPON>")
    assert datetime.fromisoformat(stone["erased"]).tzinfo is not None
    assert text_of(store, 2, "a") is None
    assert client.delete("/v1/reports/1", params={"reason": "lagi"}).json() == stone


def test_a_router_erases_what_it_sent_by_its_own_id(client: TestClient, store: Store) -> None:
    router = as_role(store, "router")
    post(client, complaint())
    assert client.delete("/v1/reports", params={"id": "a"}, headers=router).status_code == 422
    assert text_of(store, ADMIN, "a") is not None
    client.post("/v1/predictions", json={"complaints": [complaint()]}, headers=router)
    assert client.delete("/v1/reports", params={"id": "a"}, headers=router).json()["report"] == 2
    assert text_of(store, ADMIN, "a") is not None
    assert text_of(store, 2, "a") is None


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("router", "/v1/reports/1", 403),
        ("reviewer", "/v1/reports/1", 403),
        ("scientist", "/v1/reports?id=a", 403),
        ("reviewer", "/v1/reports?id=a", 403),
    ],
)
def test_others_may_not(client: TestClient, store: Store, role: Role, path: str, status: int) -> None:
    post(client, complaint())
    assert client.delete(path, headers=as_role(store, role)).status_code == status
    assert client.delete(path, headers={"Authorization": "Bearer x"}).status_code == 401
    assert text_of(store, ADMIN, "a") is not None


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/reports/99", "report"),
        ("/v1/reports/0", "report"),
        ("/v1/reports/x", "report"),
        ("/v1/reports/99999999999999999999", "report"),
        ("/v1/reports", "id"),
        ("/v1/reports?id=", "id"),
        ("/v1/reports?id=tiada", "id"),
        ("/v1/reports?id=a%00", "id"),
        ("/v1/reports?id=" + "a" * 201, "id"),
        ("/v1/reports/1?reason=" + "a" * 201, "reason"),
    ],
)
def test_what_is_wrong_is_named(client: TestClient, path: str, field: str) -> None:
    response = client.delete(path)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert field in response.json()["detail"]


def test_an_erased_report_is_answered_as_before(client: TestClient, store: Store) -> None:
    before = post(client, complaint()).json()
    client.delete("/v1/reports", params={"id": "a"})
    assert post(client, complaint()).json() == before
    assert [one.text for one in Predictions(store).of(ADMIN, "a")] == [None, None]


def test_texts_are_erased_by_age_while_the_service_runs(store: Store, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    key, _ = Keys(store).create("kota contoh", "router", now)
    for complaint_id, days in (("lama", 31), ("baru", 29)):
        made = now - timedelta(days=days)
        Predictions(store).add(key.id, [Asked(Complaint(complaint_id, "Got tersumbat"), {})], "m", made)
    with TestClient(fake_app(tmp_path, store, retention_days=30)):
        until(lambda: text_of(store, key.id, "lama") is None)
        assert text_of(store, key.id, "baru") is not None


def test_nothing_is_erased_by_age_unless_it_is_set(store: Store, tmp_path: Path) -> None:
    key, _ = Keys(store).create("kota contoh", "router", datetime.now(UTC))
    Predictions(store).add(key.id, [Asked(Complaint("lama", "Got"), {})], "m", datetime(2000, 1, 1, tzinfo=UTC))
    with TestClient(fake_app(tmp_path, store)) as client:
        client.get("/healthz")
    assert list(Erasure(store).tombstones()) == []


def until(happened: Callable[[], Any]) -> None:
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)
