"""GET /v1/models."""

import asyncio

from fastapi import Depends, FastAPI

from models.manifest import Manifest
from models.registry import Registry
from service.auth import EVERYONE, Allow, Auth
from service.live_model import LiveModel
from service.openapi import problems
from service.schemas import LoadFailure, ModelOut, ModelsOut


def mount(app: FastAPI, auth: Auth, live: LiveModel, registry: Registry) -> None:
    """Add the route."""
    allowed = Depends(Allow(auth, *EVERYONE))

    @app.get("/v1/models", tags=["models"], summary="List models", dependencies=[allowed], responses=problems(401, 503))
    async def models() -> ModelsOut:
        """List the model that answers and the published ones, newest first. Any role."""
        current = live.current.manifest
        published = await asyncio.to_thread(registry.list)
        others = [manifest for manifest in published if manifest.id != current.id]
        shown = sorted([current, *others], key=lambda manifest: manifest.created, reverse=True)
        failed = live.failure
        failure = LoadFailure(model=failed.model, reason=failed.reason, at=failed.at) if failed else None
        return ModelsOut(active=current.id, models=[_model(manifest) for manifest in shown], failure=failure)


def _model(manifest: Manifest) -> ModelOut:
    return ModelOut(id=manifest.id, created=manifest.created, metrics=manifest.metrics)
