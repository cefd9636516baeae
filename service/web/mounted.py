"""Adds the reviewers' page to the service."""

from fastapi import APIRouter, FastAPI, Response

from data.store.database import Store
from service.live_model import LiveModel
from service.settings import Settings
from service.web import acts, desk, lists, lookups, sign_in
from service.web.rendering import Assets, Pages
from service.web.route import MISSING, PageError, page_route
from service.web.site import Reference, Site


def mount(
    app: FastAPI,
    settings: Settings,
    store: Store,
    live: LiveModel,
    reference: Reference,
) -> None:
    """Add all routes below /review; none stands in the OpenAPI document, which is for machines."""
    assets = Assets()
    pages = Pages(assets)
    site = Site(settings, store, live, reference, pages)
    router = APIRouter(prefix="/review", route_class=page_route(pages), include_in_schema=False)
    for part in (sign_in, desk, acts, lookups, lists):
        part.mount(router, site)

    @router.get("/static/{digest}/{name}")
    def static(digest: str, name: str) -> Response:
        return assets.response(digest, name)

    @router.get("/{path:path}")
    def nothing() -> Response:
        raise PageError(404, MISSING)

    app.include_router(router)
