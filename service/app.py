"""Assembles the HTTP service from its parts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from classifier.errors import PilahError
from data.gazetteer import read_places
from data.store.database import Store
from data.tables import read_agencies
from models.registry import Registry
from service import openapi
from service.answering import Answering
from service.auth import Auth
from service.errors import KINDS, problem
from service.live_model import LiveModel
from service.observability import Metrics, Observe, configure_logging
from service.routes import agencies, health, metrics, models, places, predictions, topics
from service.settings import Settings
from service.settled import Settled
from service.store_thread import StoreThread

REFRESH = 1.0  # seconds between two looks at the registry


def create_app(settings: Settings, store: Store, live: LiveModel, registry: Registry) -> FastAPI:
    """Build the service; it closes the store when it ends."""
    calls = StoreThread(store)
    auth, counters, table = Auth(calls), Metrics(), read_agencies(read_places())
    answering = Answering(live, calls, Settled(calls, table), max_waiting=settings.max_waiting)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(_watch(live))
        try:
            yield
        finally:
            watching.cancel()
            answering.close()
            calls.close()

    app = FastAPI(
        title="pilah",
        version=_version(),
        description=openapi.DESCRIPTION,
        openapi_tags=openapi.TAGS,
        docs_url=None,  # the usual pages load their scripts from another host
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.add_middleware(Observe, metrics=counters)
    for failure in (PilahError, HTTPException, *KINDS):
        app.add_exception_handler(failure, problem)
    predictions.mount(app, settings, auth, answering, counters)
    topics.mount(app, auth, live)
    agencies.mount(app, auth, live, table)
    places.mount(app, auth, table.places)
    models.mount(app, auth, live, registry)
    health.mount(app, live, calls)
    metrics.mount(app, live, counters)
    app.openapi = lambda: openapi.complete(app)  # type: ignore[method-assign]
    return app


def from_environment() -> FastAPI:
    """Build the service from PILAH_ settings, with its model loaded; each worker process calls this."""
    configure_logging()
    settings = Settings.load()
    registry = Registry(settings.home)
    live = LiveModel(settings.model or registry)
    live.start()
    return create_app(settings, Store.open(settings.database), live, registry)


async def _watch(live: LiveModel) -> None:
    while True:
        await asyncio.sleep(REFRESH)
        await asyncio.to_thread(live.refresh)


def _version() -> str:
    try:
        return version("pilah")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "0"
