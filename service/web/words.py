"""What the page says, in a reviewer's words: reasons, notes, verdicts, chances, days."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from data.complaints import JAKARTA

MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")

REASONS: Mapping[str, str] = {
    "confident": "Model yakin akan topik dan instansinya.",
    "urgent": "Ada tanda bahaya bagi jiwa. Dahulukan laporan ini.",
    "sensitive": "Laporan peka: selalu diputuskan oleh petugas.",
    "several-matters": "Laporan memuat beberapa perkara.",
    "not-a-complaint": "Tampaknya bukan laporan.",
    "doubtful-topic": "Model ragu akan topiknya.",
    "doubtful-agency": "Model ragu instansi mana yang berwenang.",
    "doubtful-both": "Topik dan instansi masing-masing cukup pasti, tetapi belum cukup untuk diteruskan sekaligus.",
    "place-unknown": "Tempatnya tidak disebut, padahal instansi ini ada di banyak daerah.",
    "place-ambiguous": "Tempatnya dapat berarti lebih dari satu daerah.",
    "too-short": "Isinya terlalu pendek untuk dinilai.",
    "new-vocabulary": "Banyak katanya yang belum dikenal model.",
    "precedent": "Laporan yang sama pernah diputuskan petugas; jawabannya dipakai lagi.",
}
NOTES: Mapping[str, str] = {
    "region-contradicts-text": "Isi laporan menyebut tempat lain daripada kolom wilayahnya.",
    "place-successor": "Nama atau kode wilayah lama; yang tertulis adalah penerusnya.",
    "unknown-place-code": "Kode wilayahnya tidak dikenal.",
    "place-unknown": "Tidak ada tempat yang ditemukan.",
    "place-ambiguous": "Ada beberapa tempat yang mungkin.",
    "local-government": "Unit ini tidak ada di tempat itu; pemerintah daerahnya yang meneruskan.",
    "precedents-contradict": "Laporan yang sama pernah diputuskan petugas dengan jawaban berbeda-beda.",
    "linear-alone": "Waktu sempit: dijawab model sederhana, tanpa model bahasa yang mendampinginya.",
    "agency-successor": "Instansi lama sudah berganti; yang tertulis adalah penerusnya.",
    "agency-predecessor": "Instansi ini belum ada pada hari itu; yang tertulis adalah pendahulunya.",
    "agency-not-on-date": "Tidak diketahui instansi yang berwenang pada hari itu.",
}
VERDICTS: Mapping[str, str] = {
    "confirmed": "disetujui",
    "corrected": "dikoreksi",
    "returned": "dikembalikan instansi",
    "unsure": "ragu",
    "skipped": "dilewati",
    "withdrawn": "urungan",
}
SOURCES: Mapping[str, str] = {
    "reviewer": "",
    "agency-return": "dari instansi",
    "final-disposition": "disposisi akhir",
}
VISIBILITIES: Mapping[str, str] = {"public": "terbuka", "anonim": "anonim", "rahasia": "rahasia"}
LINES: Mapping[str, str] = {
    "110": "polisi",
    "112": "darurat",
    "113": "pemadam kebakaran",
    "115": "SAR",
    "117": "penanggulangan bencana",
    "118": "ambulans",
    "119": "ambulans",
    "129": "perlindungan perempuan dan anak",
}
_CHANCES = ((0.95, "hampir pasti"), (0.8, "sangat mungkin"), (0.6, "mungkin"), (0.4, "ragu"), (0.1, "kecil"))


def chance(probability: float) -> str:
    """Return a probability in words."""
    return next((word for least, word in _CHANCES if probability >= least), "sangat kecil")


def per_cent(share: float, digits: int = 0) -> str:
    """Return a share as "87%" or "0,4%"; what is not all is never written as all, what is something never as none."""
    if not digits and (0.995 <= share < 1):
        return ">99%"
    if not digits and (0 < share < 0.005):
        return "<1%"
    return f"{100 * share:.{digits}f}%".replace(".", ",")


def number(value: float) -> str:
    """Return a whole number with its thousands apart: 12.345."""
    return f"{value:,.0f}".replace(",", ".")


def day(moment: datetime | date | None) -> str:
    """Return "25 Nov 2026", "" for None."""
    if moment is None:
        return ""
    local = moment.astimezone(JAKARTA).date() if isinstance(moment, datetime) else moment
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def clock(moment: datetime) -> str:
    """Return "14.32"."""
    return moment.astimezone(JAKARTA).strftime("%H.%M")


def when(moment: datetime) -> str:
    """Return "25 Nov 2026, 14.32"."""
    return f"{day(moment)}, {clock(moment)}"


def waited(since: datetime, now: datetime) -> str:
    """Return how long something waits: "3 jam"."""
    minutes = max(int((now - since).total_seconds() // 60), 0)
    if minutes < 60:
        return f"{minutes} menit"
    return f"{minutes // 60} jam" if minutes < 48 * 60 else f"{minutes // (24 * 60)} hari"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "persen": per_cent,
    "angka": number,
    "hari": day,
    "jam": clock,
    "waktu": when,
    "putusan": lambda verdict: VERDICTS.get(verdict, verdict),
    "sumber": lambda source: SOURCES.get(source, source),
}
