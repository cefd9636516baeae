"""Signing in and out: GET and POST /review/masuk, POST /review/keluar."""

import re
import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from data.store.keys import Keys
from data.store.sessions import LASTS
from service.web.forms import Form, read_form
from service.web.route import SIGN_IN, PageError
from service.web.site import COOKIE, Sent, Site, check_origin, now

DOOR = "pilah_door"  # the cookie that the sign-in form's token must match: nobody is known yet
ROLES = ("reviewer", "admin")
WRONG = "Kunci itu tidak dikenal, sudah dicabut, atau bukan kunci verifikator."
_BACK = re.compile(r"/review(/laporan/\d{1,19}|/riwayat|/ringkasan)?", re.ASCII)


def mount(router: APIRouter, site: Site) -> None:
    """Add the routes."""
    keys = Keys(site.store)

    @router.get("/masuk")
    def door(request: Request, ke: str = "") -> Response:
        return _door(site, request, back=ke)

    @router.post("/masuk")
    def enter(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        check_origin(form, request.cookies.get(DOOR, ""))
        found = keys.find(_secret(form))
        if found is None or found.role not in ROLES:
            return _door(site, request, back=form.text("ke"), wrong=WRONG)
        request.state.key_id = found.id
        response = RedirectResponse(_back(form.text("ke")), 303)
        _set(response, site, request, COOKIE, site.sessions.begin(found.id, now()), int(LASTS.total_seconds()))
        response.delete_cookie(DOOR, path="/review")
        return response

    @router.post("/keluar")
    def leave(request: Request, _sent: Annotated[Sent, Depends(site.sent())]) -> Response:
        site.sessions.end(request.cookies[COOKIE])
        response = RedirectResponse(SIGN_IN, 303)
        response.delete_cookie(COOKIE, path="/review")
        response.headers["Clear-Site-Data"] = '"cache"'
        return response


def _door(site: Site, request: Request, back: str, wrong: str = "") -> Response:
    token = secrets.token_urlsafe(32)
    response = site.pages("sign_in.html", 403 if wrong else 200, csrf=token, back=_back(back), wrong=wrong)
    _set(response, site, request, DOOR, token, 3600)
    return response


def _secret(form: Form) -> str:
    try:
        return form.text("kunci", most=200)
    except PageError:  # no key is so long
        return ""


def _set(response: Response, site: Site, request: Request, name: str, value: str, seconds: int) -> None:
    secure = request.url.scheme == "https" or site.settings.secure_cookies
    response.set_cookie(name, value, seconds, path="/review", secure=secure, httponly=True, samesite="strict")


def _back(path: str) -> str:
    return path if _BACK.fullmatch(path) else "/review"
