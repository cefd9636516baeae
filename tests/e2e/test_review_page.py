"""The reviewers' page in a real browser: what a trained reviewer does with the keyboard, and what others see of it."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from review_desk import DRUGS, LAMP, TEXT, TRAFFIC, WASTE, Office, served
from sqlalchemy import select, update

from data.store.corrections import Corrections
from data.store.database import Store
from data.store.standing import Correction
from data.store.tables import sessions, waiting

READY = "body[data-ready]"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return a served office without reports."""
    with served(Office(tmp_path, Store.open(f"sqlite:///{tmp_path / 'pilah.db'}"))) as found:
        yield found


class Keyboard:
    """Presses keys and counts them."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.pressed = 0

    def __call__(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)
            self.pressed += 1


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    """Return the contexts of a test, each a browser of its own; closed at the end."""
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


class Desk:
    """A reviewer's open browser; nothing but the service is asked for and the console stays silent."""

    def __init__(
        self, browser: Browser, contexts: list[BrowserContext], office: Office, name: str, width: int = 1440
    ) -> None:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        self.page, self.office = context.new_page(), office
        self.keys, self.told, self.asked = Keyboard(self.page), list[str](), list[str]()
        self.page.on("console", lambda message: self.told.append(message.text))
        self.page.on("pageerror", lambda error: self.told.append(str(error)))
        self.page.on("request", lambda sent: self.asked.append(sent.url))
        self.page.goto(office.address + "/review")
        self.page.get_by_label("Kunci pribadi Anda").fill(office.reviewer(name))
        self.page.keyboard.press("Enter")
        self.settled()

    def settled(self) -> None:
        self.page.wait_for_selector(READY)

    def after(self, says: str | re.Pattern[str]) -> None:
        """Wait until the page that tells this stands."""
        expect(self.page.locator(".told")).to_contain_text(says)
        self.settled()

    def past(self, report: str | None) -> None:
        """Wait until another report than this one is open."""
        expect(self.page.locator(".desk")).not_to_have_attribute("data-report", report or "")
        self.settled()

    def clean(self) -> bool:
        return self.told == [] and all(url.startswith(self.office.address) for url in self.asked)


Sit = Callable[..., Desk]


@pytest.fixture
def sit(browser: Browser, contexts: list[BrowserContext], office: Office) -> Iterator[Sit]:
    """Return how somebody sits down at a desk."""
    desks: list[Desk] = []

    def down(name: str = "Rina", width: int = 1440) -> Desk:
        desks.append(Desk(browser, contexts, office, name, width))
        return desks[-1]

    yield down
    assert all(desk.clean() for desk in desks), [desk.told for desk in desks]


def said(office: Office, report: int = 1) -> list[Correction]:
    return Corrections(office.store).of(report)


def leased(office: Office) -> bool:
    with office.store.read() as connection:
        return connection.scalar(select(waiting.c.leased_by)) is not None


def test_a_right_suggestion_is_confirmed_with_one_key(office: Office, sit: Sit) -> None:
    office.report("L-1", title="Lampu padam", region="Kota Contoh", channel="Situs")
    desk = sit()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Lampu padam")
    expect(desk.page.locator(".why")).to_contain_text("Model ragu akan topiknya.")
    desk.keys("Enter")
    desk.after("Laporan L-1 disetujui.")
    assert desk.keys.pressed == 1
    assert [(one.verdict, one.topic, one.agency, one.place, one.kind) for one in said(office)] == [
        ("confirmed", LAMP.code, f"{TRAFFIC}@3578", None, None)
    ]
    expect(desk.page.locator("#own")).to_have_text("1")
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Antrean kosong")


def test_a_wrong_one_is_corrected_in_under_five_keys(office: Office, sit: Sit) -> None:
    office.report("L-0", "Obat darah tinggi habis di apotek Uji.", topics=(DRUGS, WASTE), minutes=120)
    office.report("L-1", minutes=90)
    office.report("L-2", "Tumpukan kantong plastik di pojok Pasar Misal tidak diangkut.", minutes=60)
    office.report("L-3", "Obat di puskesmas Contoh habis.", minutes=30)
    desk = sit()
    desk.keys("l")
    desk.after("dilewati")
    open_report = desk.page.locator(".desk").get_attribute("data-report")
    desk.keys.pressed = 0
    desk.keys("4", "d", "Enter")  # both from the next best
    desk.after("dikoreksi")
    assert desk.keys.pressed == 3
    (first,) = said(office, int(open_report or 0))
    assert (first.verdict, first.topic, first.agency) == ("corrected", WASTE.code, "dinas-lingkungan-hidup@3578")

    desk.keys.pressed = 0
    open_report = desk.page.locator(".desk").get_attribute("data-report")
    desk.keys("/", "o", "b", "Enter")  # none of the five
    desk.past(open_report)
    assert desk.keys.pressed == 4
    (second,) = said(office, int(open_report or 0))
    assert (second.topic, second.agency) == (DRUGS.code, f"{TRAFFIC}@3578")


def test_agency_and_place_are_found_while_typing(office: Office, sit: Sit) -> None:
    office.report("L-1")
    desk = sit()
    desk.keys("p")
    desk.page.keyboard.type("kota malang")
    desk.keys("Tab")
    expect(desk.page.locator("#place-lain")).to_contain_text("Kota Malang")
    desk.keys("i")
    desk.page.keyboard.type("satpol")
    options = desk.page.get_by_role("listbox", name="Cari instansi lain").get_by_role("option")
    expect(options.first).to_contain_text("Satuan Polisi Pamong Praja Kota Malang")
    expect(desk.page.get_by_role("combobox", name="Cari instansi lain")).to_have_attribute("aria-expanded", "true")
    desk.keys("Tab")
    expect(desk.page.locator("#agree")).to_contain_text("Simpan koreksi")
    desk.keys("n")
    desk.page.keyboard.type("hubungi 0812-0000-1111")
    desk.page.keyboard.press("Enter")
    desk.after("dikoreksi")
    (one,) = said(office)
    assert one.agency == "satpol-pp@3573"
    assert (one.place, one.note) == ("3573", "hubungi <TELEPON>")


def test_a_decision_is_undone_with_one_key(office: Office, sit: Sit) -> None:
    office.report("L-1")
    desk = sit()
    desk.keys("Enter")
    desk.after("disetujui")
    desk.keys("z")
    desk.after("menunggu lagi")
    assert [one.verdict for one in said(office)] == ["confirmed", "withdrawn"]
    expect(desk.page.locator(".desk")).to_have_attribute("data-report", "1")
    desk.keys("Enter")
    desk.after("disetujui")
    assert len(said(office)) == 3


def test_unsure_and_skipped_reports_stay_for_others(office: Office, sit: Sit) -> None:
    office.report("L-1", minutes=90)
    office.report("L-2", "Pipa bocor di gang Misal, airnya terbuang ke jalan.", minutes=60)
    desk = sit()
    desk.keys("r")
    desk.after("dibiarkan untuk rekan")
    desk.keys("l")
    desk.after("dilewati")
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Antrean kosong")
    assert {said(office, report)[0].verdict for report in (1, 2)} == {"unsure", "skipped"}
    expect(sit("Budi").page.locator(".desk")).to_be_visible()


def test_near_identical_reports_are_decided_together(office: Office, sit: Sit) -> None:
    for at in range(4):
        office.report(f"L-{at}", f"{TEXT} Terima kasih, warga RT {at}.", minutes=90 - at)
    office.report("L-9", "Obat di puskesmas Contoh habis sejak kemarin lusa.", minutes=5)
    desk = sit()
    expect(desk.page.get_by_text("Putuskan bersama 3 laporan")).to_be_visible()
    desk.keys("b", "Enter")
    desk.after("4 laporan disetujui.")
    assert [said(office, report)[0].verdict for report in (1, 2, 3, 4)] == ["confirmed"] * 4
    assert not said(office, 5)
    desk.keys("z")
    desk.after("4 laporan menunggu lagi")
    assert all(said(office, report)[1].verdict == "withdrawn" for report in (1, 2, 3, 4))


def test_the_second_of_two_reviewers_is_told_who_decided_what(office: Office, sit: Sit) -> None:
    office.report("L-1", minutes=90)
    slow = sit("Rina")
    office.report("L-2", "Pipa bocor di gang Misal, airnya terbuang ke jalan.", minutes=60)
    quick = sit("Budi")
    expect(quick.page.locator(".desk")).to_have_attribute("data-report", "2")  # the first one is leased
    quick.page.goto(office.address + "/review/laporan/1")
    quick.settled()
    quick.keys("4", "Enter")
    quick.after("dikoreksi")
    slow.keys("Enter")
    slow.after(re.compile(r"Laporan L-1 sudah dikoreksi oleh Budi pada .* Pengelolaan Sampah.*tidak disimpan"))
    assert [one.key for one in said(office)] == ["Budi"]


def test_a_session_that_has_ended_leads_back_to_the_door(office: Office, sit: Sit) -> None:
    office.report("L-1")
    desk = sit()
    with office.store.write() as connection:
        connection.execute(update(sessions).values(expires=datetime.now(UTC)))
    desk.keys("Enter")
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Masuk")
    assert not said(office)


def test_similar_reports_show_where_others_went(office: Office, sit: Sit) -> None:
    office.report("L-1", TEXT, minutes=90)
    first = sit("Budi")
    first.keys("4", "d", "Enter")
    first.after("dikoreksi")
    office.report("L-2", "Di Kampung Misal lampu balai warga Contoh padam juga, gelap sekali kalau malam.")
    desk = sit("Rina")
    similar = desk.page.locator(".similar")
    expect(similar).to_contain_text("Pengelolaan Sampah")
    expect(similar).to_contain_text("diputuskan petugas")
    similar.get_by_role("button", name="Pakai").click()
    desk.keys("Enter")
    desk.after("dikoreksi")
    assert said(office, 2)[0].topic == WASTE.code


def test_history_and_overview_say_what_was_decided(office: Office, sit: Sit) -> None:
    office.report("L-1", minutes=90)
    office.report("L-2", "Pipa bocor di gang Misal, airnya terbuang ke jalan.", minutes=60)
    desk = sit()
    desk.keys("Enter")
    desk.after("disetujui")
    desk.keys("4", "Enter")
    desk.after("dikoreksi")
    desk.page.get_by_role("link", name="Riwayat").click()
    rows = desk.page.locator(".log li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Penerangan Jalan")
    expect(rows.first).to_contain_text("Pengelolaan Sampah")
    desk.page.get_by_role("link", name="Ringkasan").click()
    expect(desk.page.locator(".figures")).to_contain_text("50%")
    expect(desk.page.locator(".pairs").first).to_contain_text("Pengelolaan Sampah")
    desk.page.get_by_role("link", name="Riwayat").click()
    desk.page.get_by_role("button", name="Urungkan").first.click()
    desk.after("menunggu lagi")
    expect(desk.page.locator(".desk")).to_be_visible()


def test_a_decided_report_shows_what_holds_until_somebody_changes_it(office: Office, sit: Sit) -> None:
    office.report("L-1")
    desk = sit()
    desk.keys("/", "o", "b", "Enter")
    desk.after("dikoreksi")
    held = said(office)[0].topic
    desk.page.get_by_role("link", name="Lihat").click()
    desk.settled()
    expect(desk.page.locator(".decided")).to_contain_text("Obat")
    desk.keys("Enter")  # decides nothing here
    desk.page.get_by_role("link", name="Ubah keputusan").click()
    desk.settled()
    expect(desk.page.locator(f'input[name=topic][value="{held}"]')).to_be_checked()
    desk.keys("1", "Enter")
    desk.after("disetujui")
    assert [one.topic for one in said(office)] == [held, LAMP.code]


def test_help_shows_the_keys(office: Office, sit: Sit) -> None:
    office.report("L-1")
    desk = sit()
    desk.keys("?")
    expect(desk.page.get_by_role("dialog")).to_contain_text("pilih instansi")
    desk.keys("Enter")  # closes it and decides nothing
    expect(desk.page.get_by_role("dialog")).to_be_hidden()
    assert not said(office)


def test_a_report_is_given_back_when_its_reviewer_leaves(office: Office, sit: Sit) -> None:
    office.report("L-1")
    first, second = sit("Rina"), sit("Budi")
    expect(second.page.get_by_role("heading", level=1)).to_have_text("Antrean kosong")
    assert leased(office)
    first.page.get_by_role("link", name="Ringkasan").click()
    expect(first.page.get_by_role("heading", level=1)).to_have_text("Ringkasan")
    while leased(office):  # the test's time limit ends this
        second.page.wait_for_timeout(20)
    second.page.get_by_role("link", name="Periksa lagi").click()
    expect(second.page.locator(".desk")).to_have_attribute("data-report", "1")


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_has_to_be_scrolled_sideways(office: Office, sit: Sit, width: int) -> None:
    office.report("L-1", "Panjang" + "a" * 400, title="b" * 200, region="c" * 200, reasons=("urgent",))
    desk = sit(width=width)
    for address in ("/review", "/review/laporan/1", "/review/riwayat", "/review/ringkasan", "/review/masuk"):
        desk.page.goto(office.address + address)
        assert desk.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


def test_every_control_has_a_name(office: Office, sit: Sit) -> None:
    office.report("L-1")
    desk = sit()
    unnamed = desk.page.evaluate(
        "[...document.querySelectorAll('button, a, input:not([type=hidden]), select')].filter("
        "e => !(e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim())).map(e => e.outerHTML)"
    )
    assert unnamed == []
    landmarks = [desk.page.get_by_role(name).count() for name in ("banner", "main", "navigation")]
    assert all(count == 1 for count in landmarks)


def test_it_works_without_javascript(browser: Browser, contexts: list[BrowserContext], office: Office) -> None:
    office.report("L-1", minutes=90)
    office.report("L-2", "Pipa bocor di gang Misal, airnya terbuang ke jalan.", minutes=60)
    context = browser.new_context(java_script_enabled=False)
    contexts.append(context)
    page = context.new_page()
    page.goto(office.address + "/review")
    page.get_by_label("Kunci pribadi Anda").fill(office.reviewer("Rina"))
    page.get_by_role("button", name="Masuk").click()
    page.get_by_role("button", name="Setuju").click()
    expect(page.locator(".told")).to_contain_text("disetujui")
    page.get_by_label("Pengelolaan Sampah").check()
    page.get_by_role("button", name="Setuju").click()
    expect(page.locator(".told")).to_contain_text("dikoreksi")
