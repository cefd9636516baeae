"""Assembles the HTTP service from its parts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from threadpoolctl import threadpool_limits

from classifier.errors import PilahError
from data.gazetteer import read_places
from data.store.corrections import Corrections
from data.store.database import Store
from data.store.erasure import Erasure
from data.store.predictions import Predictions
from data.store.queue import Queue
from data.tables import read_agencies, read_entries
from models.registry import Registry
from service import openapi
from service.answering import Answering
from service.auth import Auth
from service.correcting import Correcting
from service.errors import KINDS, problem
from service.label_check import LabelCheck
from service.live_model import LiveModel
from service.observability import Metrics, Observe, configure_logging
from service.retention import keep
from service.routes import (
    agencies,
    corrections,
    erasures,
    health,
    metrics,
    models,
    places,
    predictions,
    reports,
    review_queue,
    topics,
)
from service.scope import Scopes
from service.settings import Settings
from service.settled import Settled
from service.store_thread import StoreThread
from service.web import mounted
from service.web.site import Reference

REFRESH = 1.0  # seconds between two looks at the registry


def create_app(settings: Settings, store: Store, live: LiveModel, registry: Registry) -> FastAPI:
    """Build the service; it closes the store when it ends."""
    calls = StoreThread(store)
    auth, counters, table = Auth(calls), Metrics(), read_agencies(read_places())
    erasure, (known_topics, known_kinds) = Erasure(store), read_entries()
    said, scopes, check = Corrections(store), Scopes(table), LabelCheck(table, known_topics, known_kinds)
    correcting = Correcting(live, calls, said, check, scopes, counters.correction)
    answering = Answering(live, calls, Settled(calls, table), max_waiting=settings.max_waiting, watch=counters.watch)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_watch(live)), asyncio.create_task(keep(erasure, settings.retention_days))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
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
    erasures.mount(app, auth, calls, erasure)
    corrections.mount(app, auth, calls, said, correcting, scopes)
    review_queue.mount(app, auth, calls, Queue(store), scopes)
    reports.mount(app, auth, calls, Predictions(store), said, correcting)
    topics.mount(app, auth, live)
    agencies.mount(app, auth, live, table)
    places.mount(app, auth, table.places)
    models.mount(app, auth, live, registry)
    health.mount(app, live, calls)
    metrics.mount(app, live, counters)
    mounted.mount(app, settings, store, live, Reference(table, known_topics, scopes, check))
    app.openapi = lambda: openapi.complete(app)  # type: ignore[method-assign]
    return app


def from_environment() -> FastAPI:
    """Build the service from PILAH_ settings, with its model loaded; each worker process calls this."""
    configure_logging()
    threadpool_limits(1)  # as in `pilah serve`
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
