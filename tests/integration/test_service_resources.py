"""The lists, the states and the description of the service."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families
from service_fake import complaint, fake_load, post
from starlette.routing import Route
from starlette.testclient import TestClient

from classifier.errors import StoreError
from data.store.database import Store
from data.store.keys import Keys
from data.store.tables import Role
from models.registry import Registry
from service.app import create_app
from service.live_model import LiveModel
from service.openapi import EXAMPLES
from service.schemas import ModelsOut
from service.settings import Settings


def predict(client: TestClient, text: str) -> Any:
    return post(client, complaint(text=text))


def test_topics_are_listed_in_order_of_their_code(client: TestClient) -> None:
    answer = client.get("/v1/topics").json()
    assert (answer["model"], answer["total"]) == ("model-a", 2)
    assert answer["topics"][0] == {"code": "air/air-minum", "name": "Air Minum", "main": "Air"}


def test_agencies_are_searched_and_limited(client: TestClient) -> None:
    answer = client.get("/v1/agencies", params={"q": "CONTOH", "limit": 1}).json()
    assert (answer["total"], len(answer["agencies"])) == (2, 1)
    (found,) = client.get("/v1/agencies", params={"q": "perumda"}).json()["agencies"]
    assert found == {"code": "perumda-contoh", "name": "Perumda Contoh", "archetype": "Perumda"}
    assert client.get("/v1/agencies", params={"q": "tidak ada"}).json()["agencies"] == []


@pytest.mark.parametrize("limit", ["0", "10001", "banyak"])
def test_a_wrong_limit_is_refused(client: TestClient, limit: str) -> None:
    response = client.get("/v1/topics", params={"limit": limit})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == "limit"


def test_models_tells_the_one_that_answers(client: TestClient) -> None:
    answer = ModelsOut.model_validate_json(client.get("/v1/models").content)
    assert (answer.active, [model.id for model in answer.models], answer.failure) == ("model-a", ["model-a"], None)


@pytest.mark.parametrize("path", ["/v1/topics", "/v1/agencies", "/v1/models"])
@pytest.mark.parametrize("role", get_args(Role))
def test_every_role_may_read_the_lists(client: TestClient, store: Store, path: str, role: Role) -> None:
    _, secret = Keys(store).create("lain", role, datetime.now(UTC))
    assert client.get(path, headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert client.get(path, headers={"Authorization": ""}).status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json"])
def test_no_key_is_needed_to_watch(client: TestClient, path: str) -> None:
    assert client.get(path, headers={"Authorization": ""}).status_code == 200


def test_not_ready_while_the_database_refuses(
    client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise StoreError("The database said no.", retryable=True)

    assert client.get("/readyz").json() == {"status": "ready", "model": "model-a"}
    monkeypatch.setattr("service.store_thread.CHECKED", -1.0)
    monkeypatch.setattr(store, "ping", refuse)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["reason"]) == (503, "The database said no.")
    assert client.get("/healthz").status_code == 200


def test_metrics_count_requests_and_decisions(client: TestClient) -> None:
    predict(client, "Lampu padam")
    predict(client, "Air keruh")
    predict(client, "")
    client.get("/v1/unknown/lampu")
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }
    assert found["pilah_requests_total", "/v1/predictions", "200", "POST"] == 2
    assert found["pilah_requests_total", "/v1/predictions", "422", "POST"] == 1
    assert found["pilah_requests_total", "(none)", "404", "GET"] == 1
    assert found["pilah_request_seconds_count", "/v1/predictions", "POST"] == 3
    assert found["pilah_predictions_total", "complaint", "route"] == 1
    assert found["pilah_predictions_total", "review", "topic"] == 1
    assert found["pilah_confidence_count", "topic"] == found["pilah_unknown_words_count",] == 2
    assert found["pilah_confidence_bucket", "0.9", "topic"] - found["pilah_confidence_bucket", "0.8", "topic"] == 2
    assert sum(many for (name, *_), many in found.items() if name == "pilah_topics_total") == 2
    assert found["pilah_model_info", "model-a"] == 1
    assert found["pilah_model_load_failures",] == 0


def test_the_description_has_every_route_error_and_scheme(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    listed = client.app.routes  # type: ignore[attr-defined]
    routes = {(route.path, method) for route in listed if isinstance(route, Route) for method in route.methods or ()}
    hidden = {("/openapi.json", "GET"), ("/openapi.json", "HEAD")}
    operations = {
        (path, method.upper()): one for path, item in document["paths"].items() for method, one in item.items()
    }
    assert routes - hidden == operations.keys()
    for (path, _), operation in operations.items():
        assert operation["summary"]
        assert operation["description"]
        assert operation["tags"]
        if path.startswith("/v1/"):
            assert operation["security"]
            assert {"401", "500", "503"} <= operation["responses"].keys()
            errors = [one for status, one in operation["responses"].items() if status >= "4"]
            assert all(list(one["content"]) == ["application/problem+json"] for one in errors)


def test_every_reference_in_the_description_leads_somewhere(client: TestClient) -> None:
    document = client.get("/openapi.json").json()

    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from (value for name, value in part.items() if name == "$ref")
        for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            yield from references(one)

    names = {reference.removeprefix("#/components/schemas/") for reference in references(document)}
    assert names <= document["components"]["schemas"].keys()
    assert {"PredictionsIn", "ComplaintIn", "Problem"} <= names


def test_every_example_in_the_description_works(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    body = document["paths"]["/v1/predictions"]["post"]["requestBody"]["content"]["application/json"]
    assert body["examples"] == EXAMPLES["prediction"]
    for example in body["examples"].values():
        assert client.post("/v1/predictions", json=example["value"]).status_code == 200


def test_a_newer_model_that_cant_be_loaded_leaves_the_old_one(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.app.REFRESH", 0.01)
    old, newer = "20261125-aaaaaaaa", "20261126-bbbbbbbb"
    bundles = tmp_path / "registry" / "bundles"
    for name in (old, newer):
        (bundles / name).mkdir(parents=True)
    active = bundles.parent / "active"
    active.write_text(old)
    (bundles / newer / "broken").touch()
    _, secret = Keys(store).create("uji", "admin", datetime.now(UTC))
    live = LiveModel(Registry(tmp_path), fake_load)
    live.start()
    app = create_app(Settings(home=tmp_path), store, live, Registry(tmp_path))
    with TestClient(app, headers={"Authorization": f"Bearer {secret}"}) as client:
        active.write_text(newer)
        wait_until(lambda: client.get("/v1/models").json()["failure"] is not None)
        assert client.get("/v1/models").json()["failure"]["model"] == newer
        assert predict(client, "Lampu padam").json()["predictions"][0]["model"] == old
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["model"]) == (200, old)
        assert "can't be loaded" in ready.json()["reason"]
        assert "pilah_model_load_failures 1.0" in client.get("/metrics").text
        (bundles / newer / "broken").unlink()
        monkeypatch.setattr("service.live_model.RETRY", -1.0)
        wait_until(lambda: client.get("/v1/models").json()["active"] == newer)
        assert predict(client, "Lampu padam").json()["predictions"][0]["model"] == newer
        assert client.get("/v1/models").json()["failure"] is None


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)
