"""POST /v1/predictions: what is refused, and how; nothing here depends on the kind of database."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from service_fake import BROKEN, PATH, TEXT, complaint, post
from starlette.testclient import TestClient

from classifier.errors import StoreError
from data.store.database import Store
from data.store.keys import Keys
from data.store.predictions import Predictions
from data.store.tables import Role
from service.schemas import Problem


def refused(response: Any, status: int) -> Problem:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(response.content)
    assert problem.status == status
    assert "Contoh" not in response.text  # the text is never sent back
    return problem


def moment(**ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


WRONG = {
    "empty text": (complaint(text=""), "text"),
    "blank text": (complaint(text=" \n\t\u3000\u200b"), "text"),
    "no text": ({"id": "a"}, "text"),
    "no id": ({"text": TEXT}, "id"),
    "empty id": (complaint(id=""), "id"),
    "id is a NIK": (complaint(id="3201010101900001"), "id"),
    "text is a number": (complaint(text=5), "text"),
    "text is null": (complaint(text=None), "text"),
    "text is a list": (complaint(text=[TEXT]), "text"),
    "id is a number": (complaint(id=7), "id"),
    "title is null": (complaint(title=None), "title"),
    "text too long": (complaint(text="Contoh " * 14_286), "text"),
    "NUL in the text": (complaint(text="lampu\0mati"), "text"),
    "NUL in the id": (complaint(id="a\0"), "id"),
    "unknown field": (complaint(kota="Contoh"), "kota"),
    "label": (complaint(topic="x"), "topic"),
    "naive date": (complaint(date="2026-01-31T08:15:00"), "date"),
    "day only": (complaint(date="2026-01-31"), "date"),
    "no such day": (complaint(date="2026-02-31T08:15:00+07:00"), "date"),
    "seconds since 1970": (complaint(date=1_700_000_000), "date"),
    "seconds as text": (complaint(date="1700000000"), "date"),
    "null date": (complaint(date=None), "date"),
    "before 1945": (complaint(date="1944-12-31T23:59:59+07:00"), "date"),
    "year 1": (complaint(date="0001-01-01T00:00:00+14:00"), "date"),
    "tomorrow": (complaint(date=moment(days=1)), "date"),
    "year 9999": (complaint(date="9999-12-31T23:59:59-12:00"), "date"),
    "visibility": (complaint(visibility="terbuka"), "visibility"),
    "long channel": (complaint(channel="x" * 101), "channel"),
}


@pytest.mark.parametrize(("wrong", "field"), WRONG.values(), ids=WRONG)
def test_a_wrong_complaint_is_refused_by_field(client: TestClient, wrong: dict[str, Any], field: str) -> None:
    problem = refused(post(client, complaint(id="sound"), wrong), 422)
    assert [error.field for error in problem.errors] == [f"complaints[1].{field}"]


def test_nothing_of_a_refused_call_is_stored(client: TestClient, store: Store) -> None:
    refused(post(client, complaint(id="sound"), complaint(text="")), 422)
    assert not Predictions(store).of(1, "sound")


def test_several_problems_are_told_at_once(client: TestClient) -> None:
    problem = refused(post(client, complaint(text=1, visibility="x"), {"id": "b"}), 422)
    assert [error.field for error in problem.errors] == [
        "complaints[0].text",
        "complaints[0].visibility",
        "complaints[1].text",
    ]


def test_an_id_twice_in_one_call_is_refused(client: TestClient) -> None:
    problem = refused(post(client, complaint(), complaint(id="b"), complaint()), 422)
    assert [error.field for error in problem.errors] == ["complaints[2].id"]
    assert "complaints[0]" in problem.detail


@pytest.mark.parametrize("number", [0, 1_001])
def test_too_few_or_too_many_complaints(client: TestClient, number: int) -> None:
    problem = refused(post(client, *(complaint(id=str(one)) for one in range(number))), 422)
    assert [error.field for error in problem.errors] == ["complaints"]
    assert ("1 item" if number == 0 else "1000 items") in problem.detail


BROKEN_BODIES: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 400, "body"),
    "broken JSON": (b'{"complaints": [', 400, "body"),
    "deep": (b"[" * 100_000, 400, "body"),
    "invalid UTF-8": (b'{"complaints": [{"id": "a", "text": "Contoh \xff"}]}', 400, "body"),
    "UTF-16": ('{"complaints": [{"id": "a", "text": "Contoh"}]}'.encode("utf-16"), 400, "body"),
    "half a pair": (b'{"complaints": [{"id": "a", "text": "Contoh \\ud83d"}]}', 422, "complaints[0].text"),
    "a list": (b"[]", 422, "body"),
    "no complaints": (b"{}", 422, "complaints"),
    "complaints is an object": (b'{"complaints": {}}', 422, "complaints"),
    "complaint is a text": (b'{"complaints": ["Contoh"]}', 422, "complaints[0]"),
    "unknown field": (b'{"complaints": [{"id": "a", "text": "Contoh"}], "model": "b"}', 422, "model"),
    "evidence is a text": (b'{"complaints": [{"id": "a", "text": "Contoh"}], "evidence": "yes"}', 422, "evidence"),
}


@pytest.mark.parametrize(("body", "status", "field"), BROKEN_BODIES.values(), ids=BROKEN_BODIES)
def test_a_broken_body_is_refused(client: TestClient, body: bytes, status: int, field: str) -> None:
    problem = refused(client.post(PATH, content=body, headers={"Content-Type": "application/json"}), status)
    assert [error.field for error in problem.errors] == [field]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_another_type_of_body_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    problem = refused(client.post(PATH, content=json.dumps({"complaints": [complaint()]}), headers=headers), 415)
    assert problem.errors[0].field in ("Content-Type header", "Content-Encoding header")


def test_a_body_over_the_limit_is_refused(client: TestClient) -> None:
    problem = refused(post(client, complaint(text="Contoh " * 30_000)), 413)
    assert problem.errors[0].expected == "at most 200,000 bytes"


def test_other_paths_and_methods_are_problems_too(client: TestClient) -> None:
    refused(client.get("/v1/unknown"), 404)
    response = client.get(PATH)
    refused(response, 405)
    assert response.headers["allow"] == "POST"


def test_a_failing_classifier_is_a_problem_and_not_the_end(client: TestClient) -> None:
    refused(post(client, complaint(text=f"{BROKEN} Contoh")), 500)
    assert post(client, complaint()).status_code == 200


@pytest.mark.parametrize(("retryable", "status"), [(True, 503), (False, 507)])
def test_what_cant_be_stored_is_not_answered(
    client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch, retryable: bool, status: int
) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("The database said no.", retryable=retryable)

    assert post(client, complaint()).status_code == 200
    monkeypatch.setattr(Predictions, "add", refuse)
    response = post(client, complaint())
    assert refused(response, status).detail == "The database said no."
    assert response.headers.get("retry-after") == ("1" if retryable else None)


@pytest.mark.parametrize(("role", "status"), [("router", 200), ("scientist", 200), ("admin", 200), ("reviewer", 403)])
def test_which_roles_may_ask(client: TestClient, store: Store, role: Role, status: int) -> None:
    _, secret = Keys(store).create("lain", role, datetime.now(UTC))
    client.headers["Authorization"] = f"Bearer {secret}"
    response = post(client, complaint())
    assert response.status_code == status
    if status == 403:
        assert "router, scientist, admin" in refused(response, 403).detail


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer pilah_unknown", "Bearer \u00e9"])
def test_no_usable_key(client: TestClient, header: str) -> None:
    headers = {b"Authorization": header.encode("latin-1")}
    response = client.post(PATH, json={"complaints": [complaint()]}, headers=headers)
    refused(response, 401)
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_too_many_calls_at_once(client: TestClient) -> None:
    app = client.app
    answering = next(cell for cell in _answerings(app))
    answering._free = 0
    response = post(client, complaint())
    refused(response, 503)
    assert response.headers["retry-after"] == "1"


def _answerings(app: Any) -> Iterator[Any]:
    route = next(route for route in app.routes if route.path == PATH)
    call: Callable[..., Any] = route.endpoint
    yield from (cell.cell_contents for cell in call.__closure__ or () if hasattr(cell.cell_contents, "place"))
