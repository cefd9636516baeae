"""GET /v1/agencies."""

from fastapi import Depends, FastAPI

from service.auth import EVERYONE, Allow, Auth
from service.label_search import Limit, Query, search
from service.live_model import LiveModel
from service.openapi import problems
from service.schemas import AgenciesOut, AgencyOut


def mount(app: FastAPI, auth: Auth, live: LiveModel) -> None:
    """Add the route."""
    allowed = Depends(Allow(auth, *EVERYONE))

    @app.get(
        "/v1/agencies",
        tags=["labels"],
        summary="List agencies",
        dependencies=[allowed],
        responses=problems(401, 422, 503),
    )
    async def agencies(q: Query = "", limit: Limit = 100) -> AgenciesOut:
        """List the agencies that the model answers, in order of their code. Any role."""
        classifier = live.current.classifier
        found = search(classifier.agencies, q)
        shown = [AgencyOut(code=label.code, name=label.name, archetype=label.group) for label in found[:limit]]
        return AgenciesOut(model=classifier.id, total=len(found), agencies=shown)
