"""How the page answers: HTML for everything, failures too, with the headers that keep it to itself."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.routing import APIRoute

from classifier.errors import InputError, PilahError
from service.errors import BodyTooLargeError, kind_of
from service.web.rendering import HEADERS, Pages

SIGN_IN = "/review/masuk"


class SignedOutError(Exception):
    """Nobody is signed in, or no longer."""


class PageError(Exception):
    """The page can't do what was asked; `says` tells a reviewer why, in a sentence."""

    def __init__(self, status: int, says: str) -> None:
        super().__init__(says)
        self.status, self.says = status, says


MISSING = "Laporan atau halaman ini tidak ada, atau bukan dalam lingkup kunci Anda."
_SAYS = {
    422: "Isian yang dikirim tidak dapat dipakai.",
    413: "Isian yang dikirim terlalu besar.",
    503: "Layanan sedang sibuk atau belum siap. Coba lagi sebentar lagi.",
    507: "Basis data menolak menyimpan. Hubungi pengelola layanan ini.",
}


def page_route(pages: Pages) -> type[APIRoute]:
    """Return the class of the page's routes: failures become pages, and the headers are added."""

    class Page(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            inside = super().get_route_handler()

            async def handler(request: Request) -> Response:
                try:
                    response = await inside(request)
                except (SignedOutError, PageError, PilahError, RequestValidationError) as error:
                    response = _failed(request, error, pages)
                for name, value in HEADERS.items():
                    response.headers.setdefault(name, value)
                return response

            return handler

    return Page


def wants_json(request: Request) -> bool:
    """Tell whether the script asks, not the browser itself."""
    return "application/json" in request.headers.get("accept", "")


def _failed(request: Request, error: Exception, pages: Pages) -> Response:
    signed_out = isinstance(error, SignedOutError)
    status, says = (401, "Sesi Anda sudah berakhir. Silakan masuk lagi.") if signed_out else _cause(error)
    if wants_json(request):
        return JSONResponse({"says": says}, status)
    if signed_out:
        back = f"?ke={quote(request.url.path)}" if request.method == "GET" else ""
        return RedirectResponse(SIGN_IN + back, 303)
    return pages("failure.html", status, says=says)


def _cause(error: Exception) -> tuple[int, str]:
    if isinstance(error, PageError):
        return error.status, error.says
    if isinstance(error, RequestValidationError):
        return 404, MISSING
    status = kind_of(error).status
    if isinstance(error, InputError | BodyTooLargeError):
        return status, f"{_SAYS[status]} ({error})"
    return status, _SAYS.get(status, _SAYS[503])
