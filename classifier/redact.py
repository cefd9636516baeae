"""Masks what points at one person: NIK and KK, telephone, e-mail, plate, account, card and customer numbers.

Rules run in turn: e-mail, numbers that a word beside them explains, numbers that their own structure explains, plates.
What is masked becomes a wall of NUL characters for the rules that follow, and the round repeats until it finds nothing
new. An existing mask is a wall from the start, so masking a masked text changes nothing. Every pattern is bounded or
possessive: time is linear in the length of the text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from classifier.plates import find_plates

NIK, TELEPON, EMAIL, NOMOR = "<NIK>", "<TELEPON>", "<EMAIL>", "<NOMOR>"


@dataclass(frozen=True, slots=True)
class Span:
    """What was masked: code point offsets in the original text, and the mask that stands there now."""

    start: int
    end: int
    mask: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A masked text and what was masked in it: spans in order, not overlapping, offsets in the original text."""

    text: str
    spans: tuple[Span, ...]

    def to_masked(self, offset: int) -> int:
        """Return where an original offset lies in the masked text; inside a span, the start of its mask."""
        shift = 0
        for span in self.spans:
            if offset <= span.start:
                break
            if offset < span.end:
                return span.start + shift
            shift += len(span.mask) - (span.end - span.start)
        return offset + shift

    def to_original(self, offset: int) -> int:
        """Return where a masked offset lies in the original text; inside a mask, the start of its span."""
        shift = 0
        for span in self.spans:
            start = span.start + shift
            if offset <= start:
                break
            if offset < start + len(span.mask):
                return span.start
            shift += len(span.mask) - (span.end - span.start)
        return offset - shift


def redact(text: str) -> Redacted:
    """Mask the personal numbers and addresses in a text; report numbers, house numbers, dates and money stay."""
    if not _TRIGGER.search(text):
        return Redacted(text, ())
    plain = _MASK.sub(lambda mask: _WALL * len(mask[0]), _plain(text))
    spans: list[Span] = []
    for _ in range(_ROUNDS):
        found = _sweep(_wall_off(plain, spans))
        if not found:
            break
        spans = sorted(spans + found, key=lambda span: span.start)
    return Redacted(_replace(text, spans, lambda span: span.mask), tuple(spans))


_TRIGGER = re.compile(r"[\d@]")
_WALL = "\0"
_ROUNDS = 8  # two do; the bound keeps hostile text linear
_MASK = re.compile("<(?:NIK|TELEPON|EMAIL|NOMOR)>")


def _plain(text: str) -> str:
    """Write Unicode digits, dashes and spaces in ASCII, one code point for one, so that offsets stay."""
    if text.isascii():
        return text
    return text.translate({ord(char): _ascii(char) for char in set(text) if char > "\x7f"})


def _ascii(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    return {"Pd": "-", "Zs": " ", "Cf": " "}.get(category, char)


def _sweep(plain: str) -> list[Span]:
    found: list[Span] = []
    for rule in (_emails, _explained, _structured, _plates):
        hits = list(rule(plain))
        plain = _wall_off(plain, hits)
        found += [hit for hit in hits if hit.mask]
    return found


def _plates(plain: str) -> Iterator[Span]:
    return (Span(start, end, NOMOR) for start, end in find_plates(plain))


def _wall_off(text: str, spans: Iterable[Span]) -> str:
    return _replace(text, spans, lambda span: _WALL * (span.end - span.start))


def _replace(text: str, spans: Iterable[Span], filler: Callable[[Span], str]) -> str:
    pieces, done = [], 0
    for span in spans:
        pieces += [text[done : span.start], filler(span)]
        done = span.end
    return "".join([*pieces, text[done:]])


# E-mail. A large provider's name is enough, because people write "nama@gmail,com" and "nama @gmail".
_EMAIL = re.compile(
    r"[\w.+%-]++"  # eats words that are no address too, so that none is looked at twice
    r"(?P<domain> ?@ ?(?:g-?mail|yahoo|ymail|rocketmail|hotmail|outlook|icloud)(?:[.,] ?(?:com?(?:\.id)?|id))?(?!\w)"
    r"|@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}(?![a-z0-9]))?",
    re.IGNORECASE,
)


def _emails(plain: str) -> Iterator[Span]:
    if "@" in plain:
        yield from (Span(m.start(), m.end(), EMAIL) for m in _EMAIL.finditer(plain) if m["domain"])


# Numbers whose structure speaks for itself. People group digits with one kind of separator, so each kind is tried
# before a mixture: "0812-3456-789 12 orang" ends before the 12.
_KINDS = ("", " ", "-", r"\.", " - ")
_MIXED = r"[ .\-()]{1,3}"


def _each(pattern: str, kinds: Iterable[str]) -> str:
    """Repeat a pattern as alternatives, one for each kind of separator, which "~" stands for."""
    return "(?:" + "|".join(pattern.replace("~", f"(?:{kind})?" if kind else "") for kind in kinds) + ")"


# Province (Kemendagri), kabupaten and kecamatan; day (women: plus 40), month, year; serial.
_PROVINCE = "(?:1~[1-9]|2~1|3~[1-6]|5~[1-3]|6~[1-5]|7~[1-6]|8~[12]|9~[1-6])"
_DAY = "(?:[04]~[1-9]|[1256]~[0-9]|[37]~[01])"
_MONTH = "(?:0~[1-9]|1~[0-2])"
_NIK = r"(?<!\w)" + _each(f"{_PROVINCE}{'~[0-9]' * 4}~{_DAY}~{_MONTH}{'~[0-9]' * 6}", _KINDS)
# 081-089 and nine to twelve digits after the country code; 0800 and its kin are public.
_MOBILE = (
    r"(?:(?=[(+])|(?<!\w))"
    r"(?:(?:\(\+?62\)|\+?62|0062)[ .\-()]{0,3}(?:\(?0\)?[ .\-]?)?|0[ .\-]?|\(0(?=8[0-9]{1,3}\)))"
    + _each(r"8(?=~[1-9])(?:~[0-9]){7,10}[0-9]", (*_KINDS, _MIXED))
)
_SPELT = r"(?<!\w)(?<![0-9][ .\-])0(?P<gap>[ .\-])8(?:(?P=gap)[0-9]){8,11}(?!(?P=gap)[0-9])"
_CITY = "(?:2[124]|31|61)"
_TOWN = "(?:2[35-9][0-9]|3[2-8][0-9]|4[0-8][0-9]|5[1-6][0-9]|6[2-5][0-9]|7[0-7][0-9]|9[0-8][0-9])"
_LOCAL = r"(?!1500)[1-9][0-9]{2,3}[ .\-]?[0-9]{3,4}|[1-9][0-9](?:-[0-9]{2}){2,3}"
_SUBSCRIBER = r"(?!1500)(?:[1-9][0-9]{2}[ .\-]?[0-9]{4}|[1-9][0-9]{3}[ .\-]?[0-9]{3,4}|[1-9][0-9](?:-[0-9]{2}){3})"
_TRUNK = r"(?:0|\+62[ -]?\(?0?|62[ -])"
_JOINT = r"(?:[ .\-]|\)[ -]?| - )?"
_LANDLINE = (
    rf"(?:(?=\()|(?<![\w/]))(?:\((?:0|\+?62[ -]?)(?:{_CITY}|{_TOWN})\)[ .\-]{{0,3}}(?:{_LOCAL}|[1-9][0-9]{{4}})"
    rf"|{_TRUNK}{_CITY}{_JOINT}{_SUBSCRIBER}|{_TRUNK}{_TOWN}{_JOINT}(?:{_LOCAL}))"
)
_LETTER_O = r"(?<!\w)(?=[0-9 .\-()]{0,40}[oO])" + _each("[0oO]~8(?:~[0-9oO]){8,11}", (*_KINDS, _MIXED)) + r"(?!\w)"
_STRUCTURED = re.compile(f"(?:(?P<nik>{_NIK})|{_MOBILE}|{_SPELT}|{_LANDLINE})(?![0-9])|(?P<o>{_LETTER_O})")


def _structured(plain: str) -> Iterator[Span]:
    for run in _RUN.finditer(plain):
        at, done, stop = max(0, run.start() - 4), -1, run.end() + 1
        while m := _STRUCTURED.search(plain, at, stop):
            at = m.end()
            if _inside_a_code(plain, m, done) or (m["o"] and not _is_spoken_of_as_phone(plain, m)):
                continue
            done = m.end()
            yield Span(m.start(), m.end(), NIK if m["nik"] else TELEPON)


def _inside_a_code(plain: str, m: re.Match[str], done: int) -> bool:
    return m.start() - 1 != done and _DECIMAL.match(plain, m.start() - 2) is not None


def _is_spoken_of_as_phone(plain: str, m: re.Match[str]) -> bool:
    cue = _nearest_cue(plain, m.start())
    return cue is not None and _MEANING[cue.name][0] == TELEPON


_DECIMAL = re.compile(r"[0-9][.,\-]")
_RUN = re.compile(r"[0-9](?:[ .\-()/+]{0,3}[0-9oO]){5,}+")

# Numbers that a word beside them explains. The nearest word decides; "keep" words protect a report's own number.
_REPORT = (
    "laporan|aduan|pengaduan|tiket|ticket|resi|surat|registrasi|antrean|antrian|pesanan|order|invoice|faktur"
    "|kode(?: rekening)?|referensi|transaksi|kupon|seri|kontrak|perkara|berkas|agenda"
)
_REPORT_NUMBER = re.compile(rf"\b(?:no|nomor|nomer|kode|id)[ .]*(?:{_REPORT})[\W_]*\Z", re.IGNORECASE)
_CUE = re.compile(
    r"(?<![a-z])(?:"
    r"(?P<nik>nik|n\.i\.k|kk|k\.k|e-?ktp|kartu keluarga|induk kependudukan|nokk|noktp)"
    r"|(?P<landline>(?:no)?(?:tele?pon|telfon|te?lpn?|tlpn|phone|fa[xk]s?))"
    r"|(?P<mobile>(?:no)?(?:hp|h\.p|wa|w\.a)|whats?app|handphone|ponsel|hape|sms|kontak|contact|cp|(?:di)?hub(?:ungi)?)"
    r"|(?P<account>no\.? ?rek|norek|rek|rekening|a/n|a\.n|an(?=\.)|atas nama|bank(?: \w+)?|bri|bca|bni|mandiri|btn|bsi"
    r"|bjb|cimb|danamon|permata|muamalat|maybank|ocbc|panin|jago|seabank|bpd)"
    r"|(?P<insured>bpjs|jkn|kis|kpj)"
    r"|(?P<licence>(?<!kartu )sim(?: ?[abcd](?:1|2|i{1,2})?)?)"
    r"|(?P<customer>id ?pel|(?:id|no\.?|nomor) ?pelanggan|nopel|(?:no\.?|nomor) ?(?:kwh )?meter(?:an)?|meteran|kwh"
    r"|(?:no\.?|nomor) ?sambungan|nosam(?:b|bungan)?)"
    r"|(?P<card>npwp|kks|atm|virtual account|va|kartu (?:kredit|debit)|nip|nisn|nuptk)"
    r"|(?P<passport>pas(?:por|sport))"
    rf"|(?P<keep>{_REPORT}))"
    r"(?![a-z])",
    re.IGNORECASE,
)
_PHONE = r"(?!(?:0|62)[236][1-4]1500[0-9]{3}\Z)(?:0[2-79]|08[1-9]|628?|8[1-9])[0-9]{6,11}"  # 1500xxx is public
_MEANING = {
    "nik": (NIK, re.compile("[0-9]{15,17}")),
    "mobile": (TELEPON, re.compile(_PHONE)),
    "landline": (TELEPON, re.compile(f"{_PHONE}|(?!1500)[1-9][0-9]{{5,7}}(?<!000)")),
    "account": (NOMOR, re.compile("[0-9]{10,16}")),
    "insured": (NOMOR, re.compile("[0-9]{11,13}")),
    "licence": (NOMOR, re.compile("[0-9]{12,16}")),
    "customer": (NOMOR, re.compile("[0-9]{8,13}")),
    "card": (NOMOR, re.compile("[0-9]{10,18}")),
    "passport": (NOMOR, re.compile("[0-9]{6,7}")),
    "keep": ("", re.compile("[0-9]+")),
}
# As JKN and NPWP cards print theirs.
_PRINTED = r"[0-9]{4} [0-9]{4} [0-9]{4} [0-9]|[0-9]{2}\.[0-9]{3}\.[0-9]{3}\.[0-9]-[0-9]{3}\.[0-9]{3}"
_NUMBER = re.compile(
    f"(?<![0-9])(?:(?:{_PRINTED}|[0-9]{{6,18}})(?![0-9])|(?<![A-Za-z])"
    + _each("[0-9](?:~[0-9]){4,16}[0-9]", " ")
    + "|(?<![A-Za-z])"
    + _each("[0-9](?:~[0-9]){5,17}", (*_KINDS[2:], r"[ .\-()/]{1,3}"))
    + ")(?![0-9])"
)
_TRIES = 3  # groups of a run that may start a number: bounds the work on endless rows of digits
_MONEY = re.compile(r"\b(?:rp|idr)[ .]*\Z", re.IGNORECASE)
_AMOUNT = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_UNIT = re.compile(r"(?:,[-0-9]| ?(?:rupiah|ribu|juta|rb|jt|miliar|milyar|orang|unit|buah)\b)", re.IGNORECASE)
_YEARS = re.compile(r"(?:(?:19|20)[0-9]{2}\D*)+")
_OWNER = re.compile(
    r"[ ,(]{0,3}(?:a/n|a\.n|an\.|atas nama|bank [a-z]|(?:bri|bca|bni|mandiri|btn|bsi|bjb)\b)", re.IGNORECASE
)
_LETTERS = re.compile(r"(?<!\w)[A-Za-z]{1,2}\Z")


@dataclass(frozen=True, slots=True)
class _Cue:
    """The word that explains a number; `tight` when only small words stand between the two."""

    name: str
    tight: bool


_TIGHT = re.compile(
    r"(?:[\W_]|\b(?:saya|kami|aku|dia|beliau|nya|no|nomor|nomer|nmr|adalah|yaitu|yakni|ini|tsb|di|ke|dg|dgn|dengan|rek"
    r"|rekening|kartu|anggota|peserta|listrik|pln|pdam)\b)*",
    re.IGNORECASE,
)
_BARRIER = re.compile(r"\0|[0-9]{3,}")


def _nearest_cue(plain: str, start: int) -> _Cue | None:
    before = _BARRIER.split(plain[max(0, start - 48) : start])[-1]
    cues = list(_CUE.finditer(before))
    if not cues:
        return None
    return _Cue(cues[-1].lastgroup or "", _TIGHT.fullmatch(before, cues[-1].end()) is not None)


def _explained(plain: str) -> Iterator[Span]:
    """Yield numbers with the mask that the nearest word gives them, "" for a number to leave alone."""
    for run in _RUN.finditer(plain):
        at, tries = run.start(), _TRIES
        while tries and (m := _NUMBER.search(plain, at, run.end() + 1)):
            mask = _meaning(plain, m)
            if mask is None:
                tries -= 1
                at = _structure_end(plain, m.start()) or m.start() + _leading_digits(m[0])
            else:
                at, tries = m.end(), _TRIES
                yield Span(m.start() - _letters_before(plain, m.start(), mask), m.end(), mask)


def _letters_before(plain: str, start: int, mask: str) -> int:
    """Return how many letters belong to a number, as the A of passport A1234567."""
    letters = _LETTERS.search(plain[max(0, start - 3) : start]) if mask == NOMOR else None
    return len(letters[0]) if letters else 0


def _leading_digits(text: str) -> int:
    return len(text) - len(text.lstrip("0123456789"))


def _meaning(plain: str, m: re.Match[str]) -> str | None:
    if _counts(plain, m):
        return None
    digits = re.sub("[^0-9]", "", m[0])
    cue = _nearest_cue(plain, m.start())
    if cue is None:
        owned = 10 <= len(digits) <= 16 and _OWNER.match(plain, m.end())
        return NOMOR if owned and not _structure_end(plain, m.start()) else None
    mask, form = _MEANING[cue.name]
    attached = m.start() > 0 and plain[m.start() - 1].isalnum()
    near_enough = cue.tight or (mask and (not attached or cue.name == "passport"))
    if not near_enough or not form.fullmatch(digits):
        return None
    return mask if _outranks_structure(plain, m.start(), cue) else None


def _outranks_structure(plain: str, start: int, cue: _Cue) -> bool:
    if not _structure_end(plain, start):
        return True
    if cue.name == "keep":
        return _REPORT_NUMBER.search(plain[max(0, start - 30) : start]) is not None
    return cue.tight and _MEANING[cue.name][0] == NOMOR


def _structure_end(plain: str, start: int) -> int:
    """Return where a number ends whose own structure speaks, 0 if it has none; "(" and "+" may stand before it."""
    ends = (m.end() for before in range(3) if (m := _STRUCTURED.match(plain, max(0, start - before))))
    return next((end for end in ends if end > start), 0)


def _counts(plain: str, m: re.Match[str]) -> bool:
    """Tell whether a number is money, an amount or a row of years."""
    return bool(
        _MONEY.search(plain[max(0, m.start() - 6) : m.start()])
        or _AMOUNT.fullmatch(m[0])
        or _YEARS.fullmatch(m[0])
        or _UNIT.match(plain, m.end())
    )
