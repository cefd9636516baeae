"""GET /v1/review-queue."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Response
from fastapi import Query as QueryParameter
from pydantic_core import to_json

from data.complaints import JAKARTA
from data.store.keys import Key
from data.store.queue import Queue
from service.auth import Allow, Auth
from service.correction_schemas import QueueOut, waiting_row
from service.openapi import problems
from service.scope import Scopes
from service.store_thread import StoreThread

_Limit = Annotated[int, QueryParameter(ge=1, le=200, description="At most so many.")]
_Topic = Annotated[str, QueryParameter(max_length=500, description="A topic, or a main topic with all its leaves.")]
_Agency = Annotated[str, QueryParameter(max_length=500, description="An agency, or an archetype at every place.")]
_Place = Annotated[str, QueryParameter(max_length=13, description="A Kemendagri code: the place and all inside it.")]
_Urgent = Annotated[bool | None, QueryParameter(description="Only the urgent ones, or only the others.")]
_Lease = Annotated[
    bool, QueryParameter(description="Keep them for this key: for ten minutes nobody else is shown them.")
]


def mount(app: FastAPI, auth: Auth, calls: StoreThread, queue: Queue, scopes: Scopes) -> None:
    """Add the route."""
    allowed = Depends(Allow(auth, "reviewer", "admin"))

    @app.get(
        "/v1/review-queue",
        tags=["corrections"],
        summary="Which reports wait for a person?",
        responses={200: {"model": QueueOut}, **problems(401, 403, 422, 503, 507)},
    )
    async def waiting(
        key: Annotated[Key, allowed],
        limit: _Limit = 20,
        topic: _Topic = "",
        agency: _Agency = "",
        place: _Place = "",
        urgent: _Urgent = None,
        lease: _Lease = False,
    ) -> Response:
        """List the reports that come next for this key, urgent ones first.

        After them the longest waiting, the least sure and those that teach the model most take turns. What another key
        keeps, or this one left, is not shown. Roles: reviewer, admin, for what their scope takes in.
        """
        now, reach = datetime.now(JAKARTA), scopes.reach(key.scope)
        wanted: dict[str, Any] = {"topic": topic, "agency": agency, "place": place.replace(".", ""), "urgent": urgent}
        ask = queue.lease_many if lease else queue.list
        found = await calls.read(ask, key, reach, now, limit=limit, **wanted)
        counted = await calls.read(queue.count, key, reach, now, **wanted)
        return Response(
            to_json(counted | {"reports": [waiting_row(one) for one in found]}), media_type="application/json"
        )
