"""From what a citizen typed to plain lower-case words.

Mark-up apart, every step is token-local: normalising a text equals normalising its tokens one by one, so that a word of
the result can be traced back to the token it came from.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Mapping

# Soft hyphen, stray accents, zero-width marks, text directions, emoji variation: nobody sees them, yet they cut words.
_INVISIBLE = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]+")
# UTF-8 that someone read as Windows-1252: what is left of emoji and typographic quotes, never letters.
_MOJIBAKE = re.compile("[\u00f0\u00e2][\u0080-\u00bf\u0152-\u0192\u02c6-\u02dc\u2013-\u2122]+")
_CURLED = re.compile("[\u00b4\u02bc\u2018\u2019\u201b\u2032]")
_SYMBOLS = re.compile(r"[^\w\s\x00-\x7f]+")
_ANGLES = re.compile(r"(<(?:nik|telepon|email|nomor|url)>)|<[a-z/!][^<>]{0,500}>|[<>]", re.IGNORECASE)
_URL = re.compile(r"(?:https?:/|HTTPS?:/|Https?:/|www\.|WWW\.|Www\.)\S+")
_BORDER = re.compile(r"[A-Z](?<=[a-z]{2}[A-Z])(?=[A-Z]|[a-z]{2})")
_ELECTRONIC = re.compile(r"e-(?<!\we-)(?=[a-z])|-(?<=ktp-)(?=el(?!\w))")
_SLASHED = {"u/": "untuk", "a/n": "atas nama", "d/a": "dengan alamat", "s/d": "sampai dengan"}
_SLASH = re.compile(r"(?<!\w)(?:u/|(?:a/n|d/a|s/d)(?!\w))")
_REPEATED = re.compile(r"([a-z])\1\1+")
_DOUBLED = re.compile(r"2(?<=[a-z]{3}2)")
_REDUPLICATED = re.compile(r"(?<!\w)([a-z]{3,})2(nya|an|kan|ku)?(?!\w)")
_COUNTED = frozenset(
    ["ayat", "blok", "dosis", "gang", "jalur", "jam", "kelas", "kls", "lantai", "nomor", "pasal", "perum"]
)
_SCHOOLS = frozenset(["sdn", "sma", "sman", "smk", "smkn", "smp", "smpn"])
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]{3}(?![0-9]))*")
_PLAIN_PUNCTUATION = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) not in "<>"}
_PUNCTUATION = re.compile(r"[^\w<>]+|_+")


def unescape(text: str) -> str:
    """Turn HTML entities into their characters."""
    return html.unescape(text) if "&" in text else text


def repair_unicode(text: str) -> str:
    """Compose characters (NFKC), straighten apostrophes, drop invisible marks, symbols and what bad decoding left."""
    if text.isascii():
        return text
    text = _CURLED.sub("'", _MOJIBAKE.sub(" ", text))  # before NFKC, which makes an accent of its own a space
    return _SYMBOLS.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))


def drop_tags(text: str) -> str:
    """Remove HTML tags and single angle brackets; the masks of redaction stay, as words of their own."""
    return _ANGLES.sub(r" \1 ", text) if "<" in text or ">" in text else text


def mark_urls(text: str) -> str:
    """Put `<url>` for each web address: it says that there is one, and its letters are noise."""
    return _URL.sub(" <url> ", text)


def split_glued(text: str) -> str:
    """Split words glued where lower case meets upper case; "banjirSampai" is two words, "KTPnya" and "SMPN" are one."""
    return _BORDER.sub(r" \g<0>", text)


def join_marks(text: str) -> str:
    """Join what a mark divides inside one word: "jum'at" -> "jumat", "e-ktp" -> "ektp", "ktp-el" -> "ktpel"."""
    text = text.replace("'", "").replace("`", "")
    return _ELECTRONIC.sub(_without_hyphen, text) if "-" in text else text


def write_out_slashes(text: str) -> str:
    """Write out the abbreviations that have a slash: "u/" -> "untuk", "s/d" -> "sampai dengan"."""
    return _SLASH.sub(_write_out, text) if any(map(text.__contains__, _SLASHED)) else text


def collapse_repeats(text: str) -> str:
    """Write a letter that stands three times or more once; doubles such as "maaf" stay."""
    return _REPEATED.sub(r"\1", text)


def write_out_doubles(text: str) -> str:
    """Write "anak2" as "anak anak", which "anak-anak" becomes too; "blok2" or "smp2" count something and stay."""
    return _REDUPLICATED.sub(_double, text) if _DOUBLED.search(text) else text


def shape_numbers(text: str) -> str:
    """Keep numbers below 1000, without leading zeros; of longer ones keep the number of digits, seven at most.

    Short ones are RT and RW, days, hours and emergency lines and speak for a topic. Long ones are years, sums and
    letters' numbers: each is rare, a year would only teach a model when its reports came in, and their size is enough.
    """
    return _NUMBER.sub(_shape, text)


def drop_punctuation(text: str) -> str:
    """Put a space for everything that is no letter, digit or mask; slashes and hyphens thereby split words."""
    return text.translate(_PLAIN_PUNCTUATION) if text.isascii() else _PUNCTUATION.sub(" ", text)


STEPS: tuple[Callable[[str], str], ...] = (
    unescape,
    repair_unicode,
    drop_tags,
    mark_urls,
    split_glued,
    str.lower,
    join_marks,
    write_out_slashes,
    collapse_repeats,
    write_out_doubles,
    shape_numbers,
    drop_punctuation,
)


class Normaliser:
    """Lower-case, normalised text: words separated by single spaces; "" if there is none.

    `lexicon` maps an informal word to one or more standard words; its keys are words as the other steps leave them.
    """

    def __init__(self, lexicon: Mapping[str, str]) -> None:
        self._lexicon = dict(lexicon)
        self.steps = (*STEPS, self._expand)

    def __call__(self, text: str) -> str:
        """Return `text` after every step, in their order; linear in its length."""
        for step in self.steps:
            text = step(text)
        return text

    def _expand(self, text: str) -> str:
        standard = self._lexicon.get
        return " ".join([standard(word, word) for word in text.split()])


def words(text: str) -> list[str]:
    """Return the words of a normalised text, masks included."""
    return text.split()


def _without_hyphen(match: re.Match[str]) -> str:
    return match[0].rstrip("-")


def _double(match: re.Match[str]) -> str:
    word, suffix = match[1], match[2] or ""
    return match[0] if word in _COUNTED or word in _SCHOOLS else f"{word} {word}{suffix}"


def _shape(match: re.Match[str]) -> str:
    digits = match[0].replace(".", "").replace(",", "")
    return f" {digits.lstrip('0') or '0'} " if len(digits) <= 3 else f" {'0' * min(len(digits), 7)} "


def _write_out(match: re.Match[str]) -> str:
    return f" {_SLASHED[match[0]]} "
