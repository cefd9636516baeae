"""GET /v1/places, and GET /v1/agencies for a place on a day."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from data.complaints import JAKARTA
from data.store.database import Store
from data.store.keys import Keys
from data.store.tables import Role


def places(client: TestClient, **query: Any) -> Any:
    return client.get("/v1/places", params=query).json()["places"]


def bodies(client: TestClient, **query: Any) -> Any:
    return client.get("/v1/agencies", params=query).json()


def test_places_come_with_their_path_and_level(client: TestClient) -> None:
    (first, *_) = places(client, q="gubeng")
    assert first == {
        "code": "357808",
        "name": "Kecamatan Gubeng",
        "level": "district",
        "path": "Kec. Gubeng, Kota Surabaya, Jawa Timur",
    }


@pytest.mark.parametrize("q", ["gub", "kec gub", "35.78.08", "357808", "gubeng, surabaya"])
def test_places_are_found_by_the_beginning_of_a_name_or_code(client: TestClient, q: str) -> None:
    assert "357808" in [place["code"] for place in places(client, q=q)]


def test_larger_places_come_first_and_no_more_than_asked(client: TestClient) -> None:
    levels = [place["level"] for place in places(client, q="ban", limit=100)]
    assert levels == sorted(levels, key=["province", "regency", "district", "village"].index)
    assert len(levels) == 100
    assert len(places(client, q="ban")) == 10
    assert places(client) == places(client, q="??") == []


@pytest.mark.parametrize(("q", "code"), [("91.01", "9301"), ("3578121004", "3578121006"), ("Ujung Pandang", "7371")])
def test_old_codes_and_names_lead_to_the_successor_with_a_note(client: TestClient, q: str, code: str) -> None:
    answer = client.get("/v1/places", params={"q": q}).json()
    assert (answer["places"][0]["code"], answer["notes"]) == (code, ["place-successor"])


def test_a_path_is_a_region_that_leads_back(client: TestClient) -> None:
    for place in places(client, q="kel. air"):
        assert places(client, q=place["path"])[0]["code"] == place["code"]


def test_bodies_of_a_place_are_composed(client: TestClient) -> None:
    answer = bodies(client, place="35.78", q="dishub")
    assert answer["place"] == {"code": "3578", "name": "Kota Surabaya"}
    assert answer["on"] == datetime.now(JAKARTA).date().isoformat()
    assert answer["notes"] == []
    assert answer["agencies"][0] == {
        "code": "dinas-perhubungan@3578",
        "name": "Dinas Perhubungan Kota Surabaya",
        "archetype": "Dinas Perhubungan",
        "place": {"code": "3578", "name": "Kota Surabaya"},
        "reasons": [],
    }


def test_without_a_query_all_bodies_of_a_place_are_listed(client: TestClient) -> None:
    found = bodies(client, place="357808", limit=10_000)["agencies"]
    assert found[0]["code"] == "kecamatan@357808"
    assert len(found) == 100


def test_the_day_decides_which_body_is_listed(client: TestClient) -> None:
    for on, code in (("2023-05-01", "kementerian-kominfo"), ("2025-05-01", "kementerian-komdigi")):
        assert bodies(client, on=on, q="komdigi")["agencies"][0]["code"] == code
        assert bodies(client, on=on, q="komdigi", place="3578")["agencies"][0]["code"] == code


def test_an_old_code_asks_for_the_bodies_of_its_successor(client: TestClient) -> None:
    answer = bodies(client, place="9101", q="dinkes")
    assert (answer["place"]["code"], answer["notes"]) == ("9301", ["place-successor"])
    assert answer["agencies"][0]["code"] == "dinas-kesehatan@9301"


@pytest.mark.parametrize(
    ("query", "field", "problem"),
    [
        ({"place": "9999"}, "place", "unknown code 9999"),
        ({"place": "3273.99"}, "place", "unknown code 3273.99"),
        ({"place": "Bandung"}, "place", "not a code"),
        ({"place": "ab"}, "place", "not a code"),
        ({"place": "1" * 14}, "place", "too long"),
        ({"on": "1945-08-16"}, "on", "1945-08-16 is before the republic"),
        ({"on": "9999-01-01"}, "on", "9999-01-01 lies in the future"),
        ({"on": "kemarin"}, "on", "not a day"),
        ({"on": "2023-02-30", "place": "3578"}, "on", "not a day"),
        ({"on": "2023-W05-1"}, "on", "not a day"),
        ({"place": "3578", "limit": "0"}, "limit", "too small"),
    ],
)
def test_what_cant_be_asked_for_is_refused_by_field(
    client: TestClient, query: dict[str, str], field: str, problem: str
) -> None:
    response = client.get("/v1/agencies", params=query)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    (error,) = response.json()["errors"]
    assert (error["field"], error["problem"]) == (field, problem)
    assert error["expected"]


@pytest.mark.parametrize("query", [{"limit": "101"}, {"limit": "banyak"}, {"q": "a" * 201}])
def test_a_wrong_query_for_places_is_refused(client: TestClient, query: dict[str, str]) -> None:
    response = client.get("/v1/places", params=query)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == next(iter(query))


@pytest.mark.parametrize("path", ["/v1/places?q=a", "/v1/agencies?place=3578"])
@pytest.mark.parametrize("role", get_args(Role))
def test_every_role_may_search(client: TestClient, store: Store, path: str, role: Role) -> None:
    _, secret = Keys(store).create("lain", role, datetime.now(UTC))
    assert client.get(path, headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert client.get(path, headers={"Authorization": ""}).status_code == 401


@pytest.mark.parametrize("path", ["/v1/places", "/v1/agencies"])
def test_every_example_of_the_description_finds_something(client: TestClient, path: str) -> None:
    parameters = client.get("/openapi.json").json()["paths"][path]["get"]["parameters"]
    examples = [(one["name"], case["value"]) for one in parameters for case in one.get("examples", {}).values()]
    assert len(examples) >= 3
    for name, value in examples:
        answer = client.get(path, params={name: value}).json()
        assert answer[path.rsplit("/", 1)[1]]
