"""What keeps the reviewers' page to its reviewers: sessions, forms, headers, escaping, scopes."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from review_desk import OTHER_CITY, TEXT, TRAFFIC, Office
from sqlalchemy import select, update
from starlette.testclient import TestClient

from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.keys import Keys
from data.store.tables import sessions, waiting

HOSTILE = "</p><script>alert('x')</script>\" onmouseover=\"y <b>&amp; \u202etxet"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def office(tmp_path: Path, store: Store) -> Office:
    return Office(tmp_path, store)


class Reviewer(TestClient):
    """A browser without a screen."""

    def door(self) -> str:
        return token(self.get("/review/masuk").text)

    def enter(self, secret: str) -> Any:
        return self.post("/review/masuk", data={"csrf": self.door(), "kunci": secret})

    def fill(self, path: str, **fields: Any) -> Any:
        """Send a form as the open desk would."""
        return self.post(path, data={"csrf": token(self.get("/review/riwayat").text)} | fields)


Visit = Callable[..., Reviewer]


@pytest.fixture
def visit(office: Office) -> Iterator[Visit]:
    """Return how somebody comes to the page, signed in if they have a secret."""
    opened: list[Reviewer] = []

    def come(secret: str = "", base_url: str = "http://testserver", **settings: Any) -> Reviewer:
        if not opened:
            opened.append(Reviewer(office.app(**settings), base_url=base_url, follow_redirects=False))
            opened[0].__enter__()
            visitor = opened[0]
        else:  # on the same service
            visitor = Reviewer(opened[0].app, base_url=base_url, follow_redirects=False)
        if secret:
            assert visitor.enter(secret).status_code == 303
        return visitor

    yield come
    for one in opened[:1]:
        one.__exit__(None, None, None)


def token(page: str) -> str:
    found = re.search(r'name="csrf" value="([\w-]+)"', page)
    assert found
    return found[1]


def test_the_cookie_can_be_read_by_no_script_and_sent_by_no_other_site(office: Office, visit: Visit) -> None:
    cookie = visit().enter(office.reviewer("Rina")).headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/review", "Max-Age=28800"))
    assert "Secure" not in cookie


@pytest.mark.parametrize(
    ("base_url", "settings"), [("https://testserver", {}), ("http://testserver", {"secure_cookies": True})]
)
def test_the_cookie_is_secure_behind_tls(office: Office, visit: Visit, base_url: str, settings: dict[str, Any]) -> None:
    visitor = visit(base_url=base_url, **settings)
    assert "Secure" in visitor.get("/review/masuk").headers["set-cookie"]
    csrf = visitor.get("/review/masuk")
    cookie = re.search(r"pilah_door=([\w-]+)", csrf.headers["set-cookie"])
    assert cookie
    entered = visitor.post(
        "/review/masuk",
        data={"csrf": token(csrf.text), "kunci": office.reviewer("Rina")},
        headers={"Cookie": f"pilah_door={cookie[1]}"},
    )
    assert "Secure" in entered.headers["set-cookie"]


@pytest.mark.parametrize("role", ["router", "scientist"])
def test_only_reviewers_and_admins_come_in(office: Office, visit: Visit, role: str) -> None:
    visitor = visit()
    refused = [
        visitor.enter(secret) for secret in (office.reviewer("x", role=role), "pilah_salah", "", "p" * 150, "é\u202e")
    ]
    assert {one.status_code for one in refused} == {403}
    assert len({re.sub(r'value="[\w-]+"', "", one.text) for one in refused}) == 1  # one message for all
    assert visitor.get("/review").headers["location"] == "/review/masuk?ke=/review"
    assert visit().enter(office.reviewer("Kepala", role="admin")).status_code == 303


def test_a_revoked_key_ends_its_session_at_once(office: Office, visit: Visit) -> None:
    visitor = visit(office.reviewer("Rina"))
    assert visitor.get("/review").status_code == 200
    Keys(office.store).revoke(2, datetime.now(UTC))
    assert visitor.get("/review").status_code == 303
    assert visitor.get("/review/cari/topik?q=a", headers={"Accept": "application/json"}).status_code == 401


def test_an_expired_session_is_over_and_swept_at_the_next_sign_in(office: Office, visit: Visit) -> None:
    secret = office.reviewer("Rina")
    visitor = visit(secret)
    with office.store.write() as connection:
        connection.execute(update(sessions).values(expires=datetime.now(UTC)))
    assert visitor.get("/review").status_code == 303
    visitor.enter(secret)
    with office.store.read() as connection:
        assert len(connection.execute(select(sessions)).all()) == 1


def test_signing_out_ends_the_session_even_for_who_kept_the_cookie(office: Office, visit: Visit) -> None:
    visitor = visit(office.reviewer("Rina"))
    kept = visitor.cookies["pilah_session"]
    assert visitor.fill("/review/keluar").headers["location"] == "/review/masuk"
    assert visitor.get("/review", headers={"Cookie": f"pilah_session={kept}"}).status_code == 303


def test_the_store_keeps_no_token(office: Office, visit: Visit) -> None:
    visitor = visit(office.reviewer("Rina"))
    with office.store.read() as connection:
        row = connection.execute(select(sessions)).one()
    assert visitor.cookies["pilah_session"].encode() not in row.token_sha256
    assert len(row.token_sha256) == 32


def test_every_form_needs_the_token_of_its_own_session(office: Office, visit: Visit) -> None:
    office.report("L-1")
    visitor, other = visit(office.reviewer("Rina")), visit(office.reviewer("Budi"))
    fields = {"report": "1", "verdict": "unsure", "correction": "1:1"}
    foreign = token(other.get("/review/riwayat").text)
    for path in ("keputusan", "urungkan", "pegang", "lepas", "keluar"):
        for forged in ({}, {"csrf": ""}, {"csrf": "x" * 43}, {"csrf": foreign}, {"csrf": "é"}):
            assert visitor.post(f"/review/{path}", data=fields | forged).status_code == 403
    assert not Corrections(office.store).of(1)


def test_signing_in_needs_a_token_too(office: Office, visit: Visit) -> None:
    secret, visitor = office.reviewer("Rina"), visit()
    assert visitor.post("/review/masuk", data={"kunci": secret}).status_code == 403
    visitor.door()
    assert visitor.post("/review/masuk", data={"kunci": secret, "csrf": "x"}).status_code == 403


def test_after_signing_in_nobody_is_led_elsewhere(office: Office, visit: Visit) -> None:
    visitor, secret = visit(), office.reviewer("Rina")
    for back, led in (
        ("//evil.invalid", "/review"),
        ("https://evil.invalid/review", "/review"),
        ("/review/riwayat", ""),
    ):
        sent = visitor.post("/review/masuk", data={"csrf": visitor.door(), "kunci": secret, "ke": back})
        assert sent.headers["location"] == (led or back)


PAGES = ("/review", "/review/laporan/1", "/review/riwayat", "/review/ringkasan", "/review/masuk", "/review/tiada")


def test_every_page_forbids_what_it_does_not_need(office: Office, visit: Visit) -> None:
    office.report("L-1")
    visitor = visit(office.reviewer("Rina"))
    for answer in map(visitor.get, PAGES):
        check_page(answer)


def check_page(answer: Any) -> None:
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for part in ("script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'"):
        assert part in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=", answer.text)


def test_static_files_are_kept_by_their_content(office: Office, visit: Visit) -> None:
    visitor = visit()
    address = re.search(r'href="(/review/static/\w+/review\.css)"', visitor.get("/review/masuk").text)
    assert address
    answer = visitor.get(address[1])
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")
    assert visitor.get("/review/static/0123456789abcdef/review.css").status_code == 404
    assert visitor.get("/review/static/0123456789abcdef/..%2Fsite.py").status_code == 404


def test_a_hostile_text_is_shown_and_never_run(office: Office, visit: Visit) -> None:
    office.report(HOSTILE, HOSTILE + " a" * 10, title=HOSTILE, region=HOSTILE, channel=HOSTILE)
    visitor = visit(office.reviewer(HOSTILE))
    for path in ("/review", "/review/laporan/1"):
        page = visitor.get(path).text
        assert "&lt;script&gt;alert" in page
        assert "<script>alert" not in page
        assert 'onmouseover="y' not in page
        assert "\u202e" not in page
    sent = visitor.fill("/review/keputusan", report="1", seen="0", verdict="decide", topic="x", note=HOSTILE)
    assert sent.status_code == 422
    done = visitor.fill("/review/keputusan", report="1", verdict="unsure", note=HOSTILE)
    for path in (done.headers["location"], "/review/riwayat", "/review/laporan/1", "/review/ringkasan"):
        page = visitor.get(path).text
        assert "<script>alert" not in page
        assert 'onmouseover="y' not in page


def test_a_scope_hides_everything_outside(office: Office, visit: Visit) -> None:
    office.report("L-1", place=OTHER_CITY)
    office.report("L-2", f"{TEXT} Mohon segera.", minutes=5)
    Corrections(office.store).add(1, Said(1, verdict="confirmed"), datetime.now(UTC))
    visitor = visit(office.reviewer("Rina", agency=f"{TRAFFIC}@3578"))
    pages = [visitor.get(path).text for path in ("/review", "/review/riwayat", "/review/ringkasan")]
    assert "L-2" in pages[0]
    assert not [page for page in pages if "L-1" in page or "Bandung" in page or "/laporan/1" in page]
    assert visitor.get("/review/laporan/1").status_code == 404
    assert visitor.get("/review?laporan=1").status_code == 404
    assert "L-1" not in visitor.get("/review?basi=1").text
    for path in ("keputusan", "urungkan", "pegang"):
        fields = {"report": "1", "verdict": "unsure", "correction": "1:1"}
        assert visitor.fill(f"/review/{path}", **fields).status_code == 404
    mixed = visitor.fill("/review/keputusan", report="2", seen="0", verdict="decide", topic="", agency="", also="1:0")
    assert mixed.status_code == 404
    assert len(Corrections(office.store).of(1)) == 1


def test_secret_reports_are_shown_to_their_own_reviewers_only(office: Office, visit: Visit) -> None:
    office.report("L-1", visibility="rahasia")
    office.report("L-2", f"{TEXT} Mohon segera.", minutes=5)
    plain = visit(office.reviewer("Rina"))
    assert "L-1" not in plain.get("/review").text
    assert plain.get("/review/laporan/1").status_code == 404
    trusted = visit(office.reviewer("Budi", confidential=True))
    assert "rahasia" in trusted.get("/review/laporan/1").text
    assert "/review/laporan/1" not in trusted.get("/review/laporan/2").text  # nobody meets it as a similar one


def test_what_is_sent_is_checked(office: Office, visit: Visit) -> None:
    office.report("L-1")
    visitor = visit(office.reviewer("Rina"))
    csrf = token(visitor.get("/review/riwayat").text)
    sound = {"csrf": csrf, "report": "1", "seen": "0", "verdict": "decide", "topic": "", "agency": ""}
    for wrong in (
        {"report": "x"},
        {"report": "9" * 30},
        {"report": ""},
        {"verdict": "withdrawn"},
        {"topic": "tidak/ada"},
        {"agency": "dinas-tiada@3578"},
        {"place": "99"},
        {"note": "n" * 501},
        {"also": "1"},
        {"prediction": "99"},
    ):
        assert visitor.post("/review/keputusan", data=sound | wrong).status_code == 422, wrong
    assert visitor.post("/review/keputusan", content=b"x" * 70_000, headers=FORM).status_code == 413
    assert visitor.post("/review/keputusan", content=b"a=1&" * 600, headers=FORM).status_code == 422
    assert visitor.get("/review/laporan/99999999999999999999").status_code == 404
    assert visitor.get("/review/laporan/satu").status_code == 404
    assert visitor.get("/review?setelah=x,1,%00&basi=-1").status_code == 200
    assert not Corrections(office.store).of(1)


def test_a_leased_report_is_kept_from_others_and_renewed(office: Office, visit: Visit) -> None:
    office.report("L-1")
    first, second = visit(office.reviewer("Rina")), visit(office.reviewer("Budi"))
    assert "L-1" in first.get("/review").text
    assert "L-1" not in second.get("/review").text
    assert first.fill("/review/pegang", report="1").status_code == 204
    refused = second.fill("/review/pegang", report="1")
    assert (refused.status_code, "Rina" in refused.json()["says"]) == (409, True)
    assert first.fill("/review/lepas", report="1").status_code == 204
    with office.store.read() as connection:
        assert connection.scalar(select(waiting.c.leased_by)) is None
