"""The "Laporan Ringkas" export of SP4N-LAPOR!, as an agency's administrator downloads it."""

from collections.abc import Mapping, Sequence
from typing import Any

from data.layout import Layout
from data.sheets import column_key

REQUIRED = ("Tracking ID", "Isi Laporan Awal")
_TYPICAL = ("Tracking ID", "Isi Laporan Awal", "Isi Laporan Akhir", "Instansi Terdisposisi", "Klasifikasi Laporan")
_UNROUTED = ("diarsipkan", "ditunda", "menunggu", "belum")  # how the status of a report that went nowhere starts


def is_laporan_ringkas(columns: Sequence[str]) -> bool:
    """Return whether a header is that of the export: three of its most typical columns are enough."""
    keys = {column_key(column) for column in columns}
    return sum(column_key(column) in keys for column in _TYPICAL) >= 3


def is_routed(row: Mapping[str, Any]) -> bool:
    """Return whether the report went to its agency: it is not archived, postponed or still unverified.

    A reason alone doesn't count where a status stands: a report that was postponed once may have gone on.
    """
    status = str(row.get("status", "")).casefold()
    return not status.startswith(_UNROUTED) if status else not row.get("archive_reason")


# "Isi Laporan Akhir" is left aside: administrators edit it, and what is learnt from is what citizens write. The topic
# of an unrouted report stays a label, because it says what the report is about, whoever should have answered it.
LAPORAN_RINGKAS = Layout(
    "SP4N Laporan Ringkas",
    {
        "id": ("Tracking ID",),
        "text": ("Isi Laporan Awal",),
        "title": ("Judul Laporan",),
        "region": ("Provinsi", "Kota/Kabupaten", "Kecamatan", "Kelurahan"),
        "date": ("Tanggal Laporan Masuk", "Waktu Laporan Masuk"),
        "channel": ("Sumber Laporan",),
        "visibility": ("Tipe Laporan (Anonim/Rahasia)",),
        "topic": ("Kategori",),
        "agency": ("Instansi Terdisposisi",),
        "kind": ("Klasifikasi Laporan",),
        "status": ("Status Laporan",),
        "archive_reason": ("Alasan Tunda/Arsip",),
    },
    is_routed,
)
