"""DELETE /v1/reports."""

from datetime import datetime
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi import Path as PathParameter
from fastapi import Query as QueryParameter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from classifier.redact import redact
from data.complaints import JAKARTA, MAX_ID
from data.store.erasure import Erasure
from data.store.keys import Key
from service.auth import Allow, Auth
from service.openapi import problems
from service.retention import overwrite
from service.store_thread import StoreThread

LARGEST = 2**63 - 1


def _no_nul(value: str) -> str:
    if "\0" in value:  # PostgreSQL holds none
        raise PydanticCustomError("nul", "holds U+0000")
    return value


_NO_NUL = AfterValidator(_no_nul)
_Report = Annotated[int, PathParameter(ge=1, le=LARGEST, description="The number of the report.")]
_Id = Annotated[str, _NO_NUL, QueryParameter(min_length=1, max_length=MAX_ID, description="As the key sent it.")]
_Reason = Annotated[
    str, _NO_NUL, QueryParameter(max_length=200, description="Why; kept, with personal numbers masked.")
]


class ErasedOut(BaseModel):
    """What is left of a report's words: that they were erased, when and why."""

    model_config = ConfigDict(extra="forbid")

    report: int = Field(description="The number of the report.")
    id: str
    erased: datetime
    reason: str


def mount(app: FastAPI, auth: Auth, calls: StoreThread, erasure: Erasure) -> None:
    """Add the routes."""
    admin, owner = Depends(Allow(auth, "admin")), Depends(Allow(auth, "router", "admin"))
    refused = problems(401, 403, 422, 503, 507)

    async def erased(report: int, key: Key, reason: str, afterwards: BackgroundTasks) -> ErasedOut:
        stone = await calls.write(erasure.erase, report, key.id, redact(reason).text, datetime.now(JAKARTA))
        afterwards.add_task(overwrite, erasure)
        return ErasedOut(report=stone.report, id=stone.complaint_id, erased=stone.made, reason=stone.reason)

    @app.delete("/v1/reports/{report}", tags=["reports"], summary="Erase a report", responses=refused)
    async def erase(
        report: _Report, key: Annotated[Key, admin], afterwards: BackgroundTasks, reason: _Reason = ""
    ) -> ErasedOut:
        """Erase the text of a report, and whatever else holds words of it, for good; its facts stay.

        What is sent later under its id is answered and stored without its text. Erasing again changes nothing. Role:
        admin.
        """
        return await erased(report, key, reason, afterwards)

    @app.delete("/v1/reports", tags=["reports"], summary="Erase a report by the key's own id", responses=refused)
    async def erase_own(
        id: _Id, key: Annotated[Key, owner], afterwards: BackgroundTasks, reason: _Reason = ""
    ) -> ErasedOut:
        """Erase the text of the report that the same key sent under this id, as above. Roles: router, admin."""
        return await erased(await calls.read(erasure.find, key.id, id), key, reason, afterwards)
