"""Corrections, the queue and histories over HTTP: what is taken, what is refused and how, who sees what."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from reports_of_store import ask
from service_fake import AGENCIES, LAMP, TAXONOMY, WATER, complaint, post
from starlette.testclient import TestClient

from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.keys import Keys, Scope
from data.store.tables import Role, texts
from service.correction_schemas import CorrectionOut, CorrectionsOut, HistoryOut, QueueOut
from service.openapi import EXAMPLES
from service.schemas import Problem

PATH = "/v1/corrections"
LIGHTS, NOW = "dinas-perhubungan@3578", datetime(2026, 1, 31, tzinfo=UTC)


@pytest.fixture
def national(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the model's labels be those of the national reference."""
    monkeypatch.setattr(TAXONOMY, "kind", "national")
    return


def asked(client: TestClient, name: str = "L-0001", text: str = "Air keran keruh sejak pagi", **fields: Any) -> int:
    """Ask for a prediction, a doubtful one unless the text holds the word lampu; return the report's number."""
    assert post(client, complaint(id=name, text=text, **fields)).status_code == 200
    number: int = client.post(PATH, json={"id": name, "verdict": "skipped"}).json()["report"]
    return number


def say(client: TestClient, request: str | None = None, **body: Any) -> Any:
    return client.post(PATH, json=body, headers={} if request is None else {"Idempotency-Key": request})


def said(response: Any) -> CorrectionOut:
    assert response.status_code == 200, response.text
    return CorrectionOut.model_validate_json(response.content)


def refused(response: Any, status: int) -> Problem:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return Problem.model_validate_json(response.content)


def speaker(store: Store, role: Role, name: str = "Ani", **scope: Any) -> dict[str, str]:
    _, secret = Keys(store).create(name, role, NOW, Scope(**scope))
    return {"Authorization": f"Bearer {secret}"}


def test_a_correction_is_taken_and_counts(client: TestClient, store: Store) -> None:
    number = asked(client)
    made = said(say(client, report=number, topic=LAMP.code, reason="Hubungi 0812-0000-1111", seen=0))
    assert (made.report, made.complaint_id, made.by, made.verdict) == (number, "L-0001", "uji", "corrected")
    assert (made.topic, made.agency, made.reason) == (LAMP.code, None, "Hubungi <TELEPON>")
    assert said(say(client, id="L-0001", verdict="confirmed")).topic == WATER.code
    held = Corrections(store).standing(number)
    assert held is not None
    assert held.topic == WATER.code


@pytest.mark.parametrize("name", EXAMPLES["correction"])
def test_every_example_in_the_description_works(client: TestClient, national: None, store: Store, name: str) -> None:
    for number in range(1, 18):
        asked(client, f"L-{number:04}", date="2026-01-31T08:15:00+07:00")
    body = EXAMPLES["correction"][name]["value"]
    if "withdraws" in body:
        body = body | {"withdraws": said(say(client, report=17, topic=WATER.code)).id}
    assert said(say(client, **body)).verdict


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "neither": ({}, "report", "neither report nor id"),
    "both": ({"report": 1, "id": "L-0001", "topic": WATER.code}, "report", "both"),
    "unknown report": ({"report": 99, "topic": WATER.code}, "report", "no report has the number 99"),
    "unknown id": ({"id": "L-9999", "topic": WATER.code}, "id", "unknown"),
    "nothing said": ({"report": 1}, "topic", "nothing is said"),
    "unsure with a label": ({"report": 1, "verdict": "unsure", "topic": WATER.code}, "topic", "verdict unsure"),
    "unknown topic": ({"report": 1, "topic": "air/tiada"}, "topic", "unknown label 'air/tiada'"),
    "unknown agency": ({"report": 1, "agency": "Dinas Tiada"}, "agency", "unknown label"),
    "unknown place": ({"report": 1, "place": "9999"}, "place", "unknown code '9999'"),
    "unknown kind": ({"report": 1, "kind": "keluhan"}, "kind", "unknown label"),
    "unknown verdict": ({"report": 1, "verdict": "benar"}, "verdict", "not one of the allowed values"),
    "unknown source": ({"report": 1, "source": "warga", "topic": WATER.code}, "source", "not one of the allowed"),
    "unknown field": ({"report": 1, "topik": WATER.code}, "topik", "unknown field"),
    "report is text": ({"report": "1", "topic": WATER.code}, "report", "not a whole number"),
    "report is huge": ({"report": 2**70, "topic": WATER.code}, "report", "too large"),
    "blank topic": ({"report": 1, "topic": "  "}, "topic", "only blanks"),
    "NUL in the reason": ({"report": 1, "topic": WATER.code, "reason": "a\0"}, "reason", "NUL"),
    "long reason": ({"report": 1, "topic": WATER.code, "reason": "x" * 2_001}, "reason", "too long"),
    "unknown prediction": ({"report": 1, "topic": WATER.code, "prediction": 99}, "prediction", "unknown"),
    "withdraws nothing": ({"report": 1, "withdraws": 99}, "withdraws", "no correction of this report"),
}


@pytest.mark.parametrize(("body", "field", "problem"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_said_is_refused_by_field(
    client: TestClient, store: Store, body: dict[str, Any], field: str, problem: str
) -> None:
    assert asked(client) == 1
    found = refused(say(client, **body), 422)
    assert [error.field for error in found.errors] == [field]
    assert problem in found.errors[0].problem
    assert len(Corrections(store).of(1)) == 1, "the one that told the report's number"


NATIONAL: dict[str, tuple[dict[str, str], str, str]] = {
    "unknown topic": ({"topic": "air/tiada"}, "unknown code", "/v1/topics"),
    "retired topic": ({"topic": "imigrasi"}, "is retired", "its successor"),
    "unknown agency": ({"agency": "dinas-tiada@3578"}, "unknown id", "/v1/agencies"),
    "unknown place of an agency": ({"agency": "dinas-sosial@9999"}, "unknown code", "/v1/agencies"),
    "a ministry of later": ({"agency": "kementerian-komdigi"}, "does not exist yet on 2023-05-01", "kominfo"),
    "a body at no such place": ({"agency": "dinas-sosial@357808"}, "no body at that place", "dinas-sosial@3578"),
    "unknown kind": ({"kind": "keluhan"}, "unknown code", "kinds"),
}


@pytest.mark.parametrize(("labels", "problem", "expected"), NATIONAL.values(), ids=NATIONAL)
def test_labels_of_the_reference_are_checked_on_the_reports_day(
    client: TestClient, national: None, labels: dict[str, str], problem: str, expected: str, retired_topic: str
) -> None:
    if labels.get("topic") == "imigrasi":
        labels = {"topic": retired_topic}
    asked(client, date="2023-05-01T08:00:00+07:00")
    (error,) = refused(say(client, id="L-0001", **labels), 422).errors
    assert error.field == next(iter(labels))
    assert problem in error.problem
    assert expected in error.expected


@pytest.fixture
def retired_topic() -> str:
    from data.tables import read_entries

    topics, _ = read_entries()
    return next(entry.label.code for entry in topics if entry.retired)


def test_a_body_that_is_gone_names_the_one_after_it(client: TestClient, national: None) -> None:
    asked(client, date="2026-01-31T08:00:00+07:00")
    (error,) = refused(say(client, id="L-0001", agency="kementerian-kominfo"), 422).errors
    assert "no longer exists on 2026-01-31" in error.problem
    assert "kementerian-komdigi" in error.expected
    assert said(say(client, id="L-0001", agency="kementerian-komdigi", place="35.78")).place == "3578"


def test_what_the_model_offered_may_be_repeated_and_a_new_label_be_added(client: TestClient) -> None:
    asked(client)
    assert said(say(client, id="L-0001", agency=AGENCIES[1].code)).agency == AGENCIES[1].code
    assert said(say(client, id="L-0001", topic="Air/Pipa Bocor", new_label=True)).topic == "Air/Pipa Bocor"


def test_a_retry_is_the_same_correction_and_another_content_a_conflict(client: TestClient) -> None:
    number = asked(client)
    first = said(say(client, "kunci-1", report=number, topic=LAMP.code, seen=0))
    assert said(say(client, "kunci-1", report=number, topic=LAMP.code, seen=0)) == first
    problem = refused(say(client, "kunci-1", report=number, topic=WATER.code), 409)
    assert (problem.type, "Idempotency-Key" in problem.detail) == ("urn:pilah:problem:conflict", True)
    for bad in ("", "x" * 201, "a\tb"):
        assert refused(say(client, bad, report=number, topic=WATER.code), 422).errors[0].field == (
            "Idempotency-Key header"
        )


def test_the_second_of_two_is_told_who_was_first(client: TestClient, store: Store) -> None:
    number = asked(client)
    ani = speaker(store, "reviewer")
    body = {"report": number, "topic": LAMP.code, "seen": 0}
    first = said(client.post(PATH, json=body, headers=ani))
    problem = refused(say(client, report=number, topic=WATER.code, seen=0), 409)
    assert problem.correction is not None
    assert (problem.correction["by"], problem.correction["topic"]) == ("Ani", LAMP.code)
    assert datetime.fromisoformat(problem.correction["made"]) == first.made
    assert "by Ani" in problem.detail
    said(say(client, report=number, topic=WATER.code, seen=first.id))


def test_two_at_once_over_http(client: TestClient) -> None:
    number = asked(client)
    with ThreadPoolExecutor(2) as pool:
        codes = (LAMP.code, WATER.code)
        answers = list(pool.map(lambda code: say(client, report=number, topic=code, seen=0).status_code, codes))
    assert sorted(answers) == [200, 409]


def test_roles(client: TestClient, store: Store) -> None:
    number = asked(client)
    routes = [("POST", PATH), ("GET", PATH), ("GET", "/v1/review-queue"), ("GET", f"/v1/reports/{number}")]
    allowed: dict[Role, list[int]] = {
        "router": [422, 403, 403, 404],
        "scientist": [403, 200, 403, 200],
        "reviewer": [200, 200, 200, 200],
        "admin": [200, 200, 200, 200],
    }
    body = {"report": number, "verdict": "unsure"}
    for role, expected in allowed.items():
        headers = speaker(store, role)
        sent = [
            client.request(method, path, headers=headers, json=body if method == "POST" else None)
            for method, path in routes
        ]
        assert [answer.status_code for answer in sent] == expected, role
    assert client.get(PATH, headers={"Authorization": ""}).status_code == 401


def test_a_router_speaks_of_its_own_reports_alone(client: TestClient, store: Store) -> None:
    theirs = asked(client)
    router = speaker(store, "router")
    own = {"complaints": [complaint(id="R-1", text="Air keran mati", visibility="rahasia")]}
    assert client.post("/v1/predictions", json=own, headers=router).status_code == 200
    back = {"id": "R-1", "source": "agency-return", "verdict": "returned"}
    made = said(client.post(PATH, json=back, headers=router))
    assert (made.source, made.verdict) == ("agency-return", "returned")
    assert client.get(f"/v1/reports/{made.report}", headers=router).status_code == 200
    refused(client.post(PATH, json={"report": theirs, "topic": WATER.code}, headers=router), 422)
    refused(client.get(f"/v1/reports/{theirs}", headers=router), 404)


def test_the_queue_shows_what_a_reviewer_needs(client: TestClient, store: Store) -> None:
    number = asked(client, "Q-1", "Air keran keruh, hubungi 0812-0000-1111")
    asked(client, "Q-2", "Lampu padam")
    reviewer = speaker(store, "reviewer")
    found = QueueOut.model_validate_json(client.get("/v1/review-queue", headers=reviewer).content)
    assert (found.waiting, found.urgent) == (1, 0)
    (one,) = found.reports
    assert (one.report, one.complaint_id, one.text) == (number, "Q-1", "Air keran keruh, hubungi <TELEPON>")
    assert (one.answer.id, one.answer.topic and one.answer.topic.code) == ("Q-1", WATER.code)
    confirm = {"report": number, "verdict": "confirmed", "seen": one.seen, "prediction": one.prediction}
    said(client.post(PATH, json=confirm, headers=reviewer))
    assert client.get("/v1/review-queue", headers=reviewer).json()["reports"] == []


def test_the_queue_is_filtered_and_leased(client: TestClient, store: Store) -> None:
    for name in ("Q-1", "Q-2", "Q-3"):
        asked(client, name)
    ani, budi = speaker(store, "reviewer", "Ani"), speaker(store, "reviewer", "Budi")

    def shown(headers: dict[str, str], **query: Any) -> list[str]:
        answer = client.get("/v1/review-queue", headers=headers, params=query)
        return [one.complaint_id for one in QueueOut.model_validate_json(answer.content).reports]

    kept = shown(ani, limit=1, lease=True)
    assert len(kept) == 1
    assert {*shown(budi), *kept} == {"Q-1", "Q-2", "Q-3"}
    assert not {*shown(budi)} & {*kept}
    assert {*shown(ani)} > {*kept}
    assert shown(ani, topic=LAMP.code) == shown(ani, urgent=True) == shown(ani, place="35.78") == []
    assert len(shown(ani, topic="air", agency=AGENCIES[0].code, urgent=False)) == 3
    for bad in ({"limit": 0}, {"limit": 201}, {"urgent": "ya"}):
        refused(client.get("/v1/review-queue", headers=ani, params=bad), 422)


def test_a_limited_key_sees_and_decides_nothing_outside(client: TestClient, store: Store) -> None:
    here, hidden = ask(store, 1, "A", agency=LIGHTS), ask(store, 1, "C", agency=LIGHTS, visibility="rahasia")
    there = ask(store, 1, "B", agency="dinas-sosial@3273", place="3273")
    for report in (here, hidden, there):
        Corrections(store).add(1, Said(report, verdict="skipped"), NOW)
    scopes: list[tuple[dict[str, Any], set[int]]] = [
        ({}, {here, there}),
        ({"confidential": True}, {here, there, hidden}),
        ({"agency": "pemerintah-daerah@3578", "confidential": True}, {here, hidden}),
        ({"agency": "dinas-sosial"}, {there}),
        ({"place": "32"}, {there}),
        ({"agency": "Dinas Tiada"}, set()),
    ]
    for scope, seen in scopes:
        headers = speaker(store, "reviewer", **scope)
        queue = QueueOut.model_validate_json(client.get("/v1/review-queue", headers=headers).content)
        assert ({one.report for one in queue.reports}, queue.waiting) == (seen, len(seen))
        listed = CorrectionsOut.model_validate_json(client.get(PATH, headers=headers).content)
        assert {one.report for one in listed.corrections} == seen
        for report in (here, there, hidden):
            body = {"report": report, "verdict": "skipped"}
            statuses = (
                client.get(f"/v1/reports/{report}", headers=headers).status_code,
                client.post(PATH, json=body, headers=headers).status_code,
            )
            assert statuses == ((200, 200) if report in seen else (404, 422))


def test_corrections_are_read_on_from_the_last(client: TestClient) -> None:
    numbers = [asked(client, f"L-{number}") for number in range(5)]
    found, since = [], 0
    while (part := CorrectionsOut.model_validate(client.get(PATH, params={"since": since, "limit": 2}).json())).next:
        if not part.corrections:
            break
        found += [one.report for one in part.corrections]
        since = part.next
    assert found == numbers
    refused(client.get(PATH, params={"since": -1}), 422)
    refused(client.get(PATH, params={"since": 2**70}), 422)


def test_a_history_tells_all_and_what_holds(client: TestClient, store: Store) -> None:
    number = asked(client, text="Lampu padam di gang")
    said(say(client, report=number, topic=WATER.code))
    post(client, complaint(id="L-0001", text="Lampu padam di gang"))
    found = HistoryOut.model_validate_json(client.get(f"/v1/reports/{number}").content)
    assert (found.report, found.complaint_id) == (number, "L-0001")
    assert [one.verdict for one in found.corrections] == ["skipped", "corrected"]
    assert [one.answer.evidence[0].text for one in found.predictions] == ["Lampu", "Lampu"]
    assert found.standing is not None
    assert (found.standing.topic, found.standing.agreed, found.standing.sources) == (WATER.code, 1, ["reviewer"])
    with store.write() as connection:
        connection.execute(texts.delete())
    erased = HistoryOut.model_validate_json(client.get(f"/v1/reports/{number}").content)
    assert {one.text for one in erased.predictions} == {None}
    assert not any(one.answer.evidence for one in erased.predictions)
    refused(client.get("/v1/reports/99"), 404)
    refused(client.get("/v1/reports/nol"), 422)


def test_a_database_that_cannot_be_written_takes_no_correction(
    client: TestClient, store: Store, sqlite_url: str
) -> None:
    number = asked(client)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        problem = refused(say(client, "kunci-1", report=number, topic=LAMP.code), 503)
        assert "locked" in problem.detail
        assert client.get("/v1/review-queue").status_code == 200
        other.execute("ROLLBACK")
    other.close()
    with store._writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    refused(say(client, "kunci-1", report=number, topic=LAMP.code), 507)
    store._writer.dispose()
    assert said(say(client, "kunci-1", report=number, topic=LAMP.code)).topic == LAMP.code


def test_the_metrics_count_what_was_said(client: TestClient) -> None:
    report = asked(client)
    said(say(client, report=report, verdict="confirmed"))
    counted = client.get("/metrics").text
    assert 'pilah_corrections_total{source="reviewer",verdict="confirmed"} 1.0' in counted
    assert 'pilah_corrections_total{source="reviewer",verdict="skipped"} 1.0' in counted
