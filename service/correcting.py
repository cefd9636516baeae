"""Takes what people say of reports: which report is meant, whether the labels can be so, and then the store."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from data.complaints import JAKARTA
from data.store.answered import Answered, unknown_report
from data.store.corrections import TARGETS, Corrections, Said
from data.store.keys import Key
from data.store.reach import EVERYTHING
from data.store.standing import Correction
from service.correction_schemas import CorrectionIn
from service.errors import FieldError, InvalidRequestError
from service.label_check import LabelCheck
from service.live_model import LiveModel
from service.scope import Scopes
from service.store_thread import StoreThread


class Correcting:
    """Takes corrections; one for the life of the service. `watch` is told each that was stored."""

    def __init__(
        self,
        live: LiveModel,
        calls: StoreThread,
        corrections: Corrections,
        check: LabelCheck,
        scopes: Scopes,
        watch: Callable[[Correction], object] = id,
    ) -> None:
        self._live, self._calls, self._corrections, self._watch = live, calls, corrections, watch
        self._check, self._scopes = check, scopes

    async def correct(self, key: Key, sent: CorrectionIn, request: str | None, now: datetime) -> Correction:
        """Store what a key says; raises InvalidRequestError, InputError, ConflictError or StoreError."""
        report = await self.report(key, sent.report, sent.id)
        said = Said(
            report=report,
            source=sent.source,
            verdict=sent.verdict,
            **{target: getattr(sent, target) for target in TARGETS},
            note=sent.reason,
            seen=sent.seen,
            request=request,
            withdraws=sent.withdraws,
            prediction=sent.prediction,
        )
        return await self.add(key, said, now, new_label=sent.new_label)

    async def add(self, key: Key, said: Said, now: datetime, *, new_label: bool = False) -> Correction:
        """Store what a key says of a report that it may see."""
        if said.place is not None:
            said = replace(said, place=said.place.replace(".", ""))
        newest = await self._calls.read(self._corrections.newest, said.report)
        offered = {target: offered_codes(newest, target) for target in TARGETS}
        wrong = self._check(self._live.current, said.labels, offered, day_of(newest), new=new_label)
        if found := list(wrong):
            raise InvalidRequestError(*found)
        made = await self._calls.write(self._corrections.add, key.id, said, now)
        self._watch(made)
        return made

    async def report(self, key: Key, number: int | None, own_id: str | None) -> int:
        """Return the number of the report that a key means; raises InvalidRequestError for one it may not speak of."""
        if (number is None) == (own_id is None):
            problem = "both report and id are given" if number else "neither report nor id is given"
            raise InvalidRequestError(FieldError("report", problem, "one of the two"))
        if own_id is not None:
            found = await self._calls.read(self._corrections.numbers, key.id, [own_id])
            if own_id not in found:
                raise InvalidRequestError(FieldError("id", "unknown", "an id that this key has sent for a prediction"))
            return found[own_id]
        if number is None or not await self.may_see(key, number):
            raise unknown_report(number or 0)
        return number

    async def may_see(self, key: Key, report: int) -> bool:
        """Tell whether a report exists and a key may see it: a router its own, others what their scope takes in."""
        if key.role == "router":
            return await self._calls.read(self._corrections.within, report, EVERYTHING, owner=key.id)
        return await self._calls.read(self._corrections.within, report, self._scopes.reach(key.scope))


def offered_codes(newest: Answered, target: str) -> list[str]:
    """Return the codes of a target that were answered, the best and the alternatives."""
    answer = newest.answer.get(target) or {}
    return [one["code"] for one in (answer, *answer.get("alternatives", ())) if "code" in one]


def day_of(newest: Answered) -> date:
    """Return the day of a report, or else that of its answer."""
    return (newest.date or newest.made).astimezone(JAKARTA).date()
