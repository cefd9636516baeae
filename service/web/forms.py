"""What a browser sends: URL-encoded forms, read here with their limits."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from fastapi import Request

from service.errors import BodyTooLargeError, FieldError
from service.web.route import PageError

MOST_BYTES, MOST_FIELDS, LARGEST_ID = 64 * 1024, 500, 2**63 - 1


class Form:
    """The fields of a form; NUL characters, which no database takes, are dropped."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields

    def text(self, name: str, most: int = 500) -> str:
        """Return a field without blanks at its ends, "" where it is absent; raises PageError if it is too long."""
        value = self._fields.get(name, [""])[0].replace("\0", "").strip()
        if len(value) > most:
            raise PageError(422, f"Isian terlalu panjang: paling banyak {most} huruf.")
        return value

    def number(self, name: str) -> int | None:
        """Return a field that holds the number of a report or of a correction, None where it is absent."""
        return whole(self.text(name))

    def several(self, name: str) -> list[str]:
        """Return all values of a field that may stand more than once."""
        return [value.replace("\0", "") for value in self._fields.get(name, [])]


def whole(value: str) -> int | None:
    """Read a number from 0 on that a database takes, None for ""; raises PageError for anything else."""
    if not value:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) < 20 and int(value) <= LARGEST_ID):
        raise PageError(422, "Nomor yang dikirim bukan bilangan.")
    return int(value)


async def read_form(request: Request) -> Form:
    """Read the body of a form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BodyTooLargeError(FieldError("body", "over the limit", f"at most {MOST_BYTES:,} bytes"))
    try:
        return Form(parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise PageError(422, "Isian yang dikirim terlalu banyak.") from None
