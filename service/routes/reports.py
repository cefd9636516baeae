"""GET /v1/reports/{report}."""

from typing import Annotated

from fastapi import Depends, FastAPI, Path, Response
from pydantic_core import to_json

from data.store.corrections import Corrections
from data.store.keys import Key
from data.store.predictions import Predictions
from service.auth import EVERYONE, Allow, Auth
from service.correcting import Correcting
from service.correction_schemas import MAX_NUMBER, CorrectionOut, HistoryOut, answered_row, standing_row
from service.errors import FieldError, NotFoundError
from service.openapi import problems
from service.store_thread import StoreThread

_Report = Annotated[int, Path(ge=1, le=MAX_NUMBER, description="The number of the report.")]


def mount(
    app: FastAPI,
    auth: Auth,
    calls: StoreThread,
    predictions: Predictions,
    corrections: Corrections,
    correcting: Correcting,
) -> None:
    """Add the route."""
    allowed = Depends(Allow(auth, *EVERYONE))

    @app.get(
        "/v1/reports/{report}",
        tags=["corrections"],
        summary="The history of a report",
        responses={200: {"model": HistoryOut}, **problems(401, 404, 422, 503)},
    )
    async def history(report: _Report, key: Annotated[Key, allowed]) -> Response:
        """Return all that was answered and said about a report, and what holds now.

        Any role, for what its scope takes in; a router for its own reports.
        """
        if not await correcting.may_see(key, report):
            raise NotFoundError(FieldError("report", "unknown", "the number of a report that this key may see"))
        answered = await calls.read(predictions.about, report)
        found = {
            "report": report,
            "complaint_id": answered[0].complaint_id,
            "standing": standing_row(await calls.read(corrections.standing, report)),
            "predictions": [answered_row(one) for one in answered],
            "corrections": [CorrectionOut.of(one) for one in await calls.read(corrections.of, report)],
        }
        return Response(to_json(found), media_type="application/json")
