"""Templates, static files and the headers that keep the page to itself."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from service.web import words

FOLDER = Path(__file__).parent
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# Characters that turn the direction of what follows: they say nothing in Indonesian and can make a text lie.
TURNS = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
FOREVER = "public, max-age=31536000, immutable"  # a changed file has another address

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Assets:
    """The static files, read once; each one's address holds a digest of its content."""

    def __init__(self, folder: Path = FOLDER / "static") -> None:
        self._files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in MEDIA}

    def address(self, name: str) -> str:
        """Return the path of a file as pages link to it."""
        return f"/review/static/{self._digest(name)}/{name}"

    def response(self, digest: str, name: str) -> Response:
        """Return a file; 404 for a name or content that is not there."""
        if name not in self._files or digest != self._digest(name):
            return Response("", 404)
        headers = {"Cache-Control": FOREVER, "ETag": f'"{digest}"'}
        return Response(self._files[name], media_type=MEDIA[Path(name).suffix], headers=headers)

    def _digest(self, name: str) -> str:
        return hashlib.sha256(self._files[name]).hexdigest()[:16]


class Pages:
    """Renders templates; what they are given is escaped and can't turn the direction of writing."""

    def __init__(self, assets: Assets) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_straight,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {"asset": assets.address}
        self._templates.filters |= words.FILTERS

    def __call__(self, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Return a page."""
        return HTMLResponse(self._templates.get_template(name).render(values), status)


def _straight(value: Any) -> Any:
    return value.translate(TURNS) if isinstance(value, str) and not isinstance(value, Markup) else value
