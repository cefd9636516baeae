"""GET /healthz and /readyz."""

from fastapi import FastAPI, Response

from classifier.errors import StoreError
from service.errors import UnavailableError
from service.live_model import LiveModel
from service.schemas import HealthOut
from service.store_thread import StoreThread


def mount(app: FastAPI, live: LiveModel, store: StoreThread) -> None:
    """Add the routes."""

    @app.get("/healthz", tags=["operation"], summary="Is the process alive?", response_model_exclude_none=True)
    async def healthz() -> HealthOut:
        """Answer as long as the process lives. No key."""
        return HealthOut(status="alive")

    @app.get(
        "/readyz",
        tags=["operation"],
        summary="Can it answer?",
        response_model_exclude_none=True,
        responses={503: {"model": HealthOut, "description": "Not ready; `reason` says why."}},
    )
    async def readyz(response: Response) -> HealthOut:
        """Answer 200 if a model is loaded and the database took a row within the last second, else 503. No key."""
        try:
            model = live.current.manifest.id
            await store.ping()
        except (StoreError, UnavailableError) as error:
            response.status_code = 503
            return HealthOut(status="not ready", reason=str(error))
        stale = "a newer model can't be loaded; /v1/models says why" if live.failure else None
        return HealthOut(status="ready", model=model, reason=stale)
