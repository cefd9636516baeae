"""Finds Indonesian vehicle plates: a region's letters, one to four digits, one to three letters ("B 1234 XYZ").

Short words beside block, house and class numbers look the same ("Blok B 12 RT 3"), so the fewer digits and capitals
there are, the more the words before must speak of a vehicle.
"""

import re
from collections.abc import Iterator

_PLATE = re.compile(r"([0-9]{1,4})(?![0-9])(?:( ?- ?|[ .]?)([A-Za-z]{1,3})(?!\w|[/.\-][0-9]))?")
_REGION = re.compile(
    r"(?<!\w)(A[ABDEG]?|B[ABDEGHKLMNP]?|C[CD]|D[ABCDEGHKLMNPRSTW]?|E[ABD]?|[FGHLMNRSTWZ]|K[BHTU]?|P[ABEGSTY]?|RI)"
    r"( ?- ?|[ .]?)\Z",
    re.IGNORECASE,
)
_PLATE_WORD = re.compile(
    r"\b(?:pe?lat|nopol|no\.? ?pol(?:isi)?|nomor polisi|tnkb|(?:no\.?|nomor) kendaraan|bernomor)\b[^0-9\0]{0,25}\Z",
    re.IGNORECASE,
)
_VEHICLE = re.compile(
    r"\b(?:mobil|motor|truk|truck|bus|bis|angkot|taksi|taxi|kendaraan|sepeda motor|pick ?up|minibus|ambulans|avanza"
    r"|innova|xenia|vario|beat|mio|scoopy|elf|dump ?truck)(?:nya)?\b[^\0]{0,25}\Z",
    re.IGNORECASE,
)
_PLACE_WORD = re.compile(
    r"\b(?:blok|blk|gang|gg|kav|kavling|kelas|kls|ruang|lantai|lt|gedung|tipe|type|golongan|gol|halte|jalur|koridor|rute"
    r"|trayek|vitamin|tower|zona|sektor|pintu|gate|paket|kolam|tenda|jalan|jln|jl|rumah|no)[ .:]*\Z",
    re.IGNORECASE,
)
_SHORT_WORD = re.compile(
    "rt|rw|no|nmr|kel|kec|kab|kp|dsn?|dan|di|ke|yg|ini|itu|ada|apa|jam|thn?|bln|hri?|tgl|jan|feb|mar|apr|mei|jun|jul"
    "|ag[tu]|sep|okt|nov|des|wib|wita?|rbu?|jta?|m|mtr|mm|cm|km|kg|gr|ml|lt|ha|kva|kw|va|x|kk|jw|org|pcs|box|bh|sdn?|smp|sm[ak]|mi"
    "|mts|ma|tk|ktp|pns|tp|sd?y|sdh|blm|dgn?|tdk|krn|utk|pun|per|kok|kan|nya|lah|pak|i?bu|bpk|via|jln?|gg|blk|kav|hal|dua|tak"
    "|gak?|mau|aja|jg|pas|air|mlm|pk|p[jp]?u|rs|iu|cc|led|sby|jkt|bdg|kyk|ya|or|dr|ato|sm|[sdnu]|gb|mb|tb|gp|yd|lg|si",
    re.IGNORECASE,
)


def find_plates(plain: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of every plate in a text, in order; plates that share a letter count once."""
    done = -1
    for m in _PLATE.finditer(plain):
        region = _REGION.search(plain[max(0, m.start() - 6) : m.start()])
        if not region:
            continue
        start = m.start() - len(region[0])
        if start < done:
            continue
        inside_a_code = plain[max(0, start - 1) : start] in ("/", ".", "-", "@") and start - 1 != done
        end = None if inside_a_code else _plate_end(plain[max(0, start - 40) : start], region, m)
        if end:
            done = end
            yield start, end


def _plate_end(before: str, region: re.Match[str], m: re.Match[str]) -> int | None:
    """Return where a plate ends, None if the letters and digits are none."""
    digits, gap, suffix = m[1], m[2], m[3] or ""
    upper = (region[1] + suffix).isupper()
    spoken_of = _PLATE_WORD.search(before) or _VEHICLE.search(before)
    stands_out = upper and len(digits) == 4 and spoken_of and not before.isupper()
    if gap and _SHORT_WORD.fullmatch(suffix) and not stands_out:
        suffix = ""
    if _PLATE_WORD.search(before):
        return (m.end() if suffix else m.end(1)) if suffix or len(digits) >= 3 else None
    if not suffix or (_PLACE_WORD.search(before) and not (upper and len(digits) == 4)):
        return None
    if gap.strip() and region[2].strip() and gap.strip() != region[2].strip():
        return None
    if spoken_of:
        return m.end() if len(suffix) > 1 or (upper and len(digits) >= 3) else None
    if upper:
        sure = len(digits) == 4 or (len(digits) == 3 and len(suffix) > 1)
    else:
        compact = not gap and not region[2] and len(digits) >= 3
        year = len(digits) == 4 and digits[:2] in ("19", "20")
        sure = compact or (len(digits) == 4 and len(suffix) > 1 and not year)
    return m.end() if sure else None
