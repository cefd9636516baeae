"""GET /v1/topics."""

from fastapi import Depends, FastAPI

from service.auth import EVERYONE, Allow, Auth
from service.label_search import Limit, Query, search
from service.live_model import LiveModel
from service.openapi import problems
from service.schemas import TopicOut, TopicsOut


def mount(app: FastAPI, auth: Auth, live: LiveModel) -> None:
    """Add the route."""
    allowed = Depends(Allow(auth, *EVERYONE))

    @app.get(
        "/v1/topics", tags=["labels"], summary="List topics", dependencies=[allowed], responses=problems(401, 422, 503)
    )
    async def topics(q: Query = "", limit: Limit = 100) -> TopicsOut:
        """List the topics that the model answers, in order of their code. Any role."""
        classifier = live.current.classifier
        found = search(classifier.topics, q)
        shown = [TopicOut(code=label.code, name=label.name, main=label.group) for label in found[:limit]]
        return TopicsOut(model=classifier.id, total=len(found), topics=shown)
