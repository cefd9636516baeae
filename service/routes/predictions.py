"""POST /v1/predictions."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from pydantic_core import to_json

from data.complaints import JAKARTA
from data.store.keys import Key
from service.answering import Answering
from service.auth import Allow, Auth
from service.intake import parse_predictions, read_json
from service.observability import Metrics
from service.openapi import problems, request_body
from service.schemas import PredictionsIn, PredictionsOut
from service.settings import Settings


def mount(app: FastAPI, settings: Settings, auth: Auth, answering: Answering, metrics: Metrics) -> None:
    """Add the route."""
    allowed = Depends(Allow(auth, "router", "scientist", "admin"))

    @app.post(
        "/v1/predictions",
        tags=["predictions"],
        summary="Sort complaints",
        responses={200: {"model": PredictionsOut}, **problems(400, 401, 403, 408, 413, 415, 422, 503, 507)},
        openapi_extra=request_body(PredictionsIn, "prediction"),
    )
    async def predict(request: Request, key: Annotated[Key, allowed]) -> Response:
        """Answer 1 to 1,000 complaints: topic, agency, how sure, what may be done, and why.

        The answers come in the order of the complaints and are stored, with personal numbers masked, before they are
        sent. Roles: router, scientist, admin.
        """
        with answering.place():
            raw = await read_json(request, settings.max_body_bytes)
            now = datetime.now(JAKARTA)
            complaints, evidence = parse_predictions(raw, now)
            answers = await answering.answer(complaints, evidence=evidence, key_id=key.id, now=now)
        metrics.predictions(answers)
        return Response(to_json({"predictions": answers}), media_type="application/json")
