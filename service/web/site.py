"""The reviewers' page, put together: what its routes share, and who may see them."""

import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from classifier.agencies import AgencyTable
from classifier.names import Entry
from data.complaints import JAKARTA
from data.store.corrections import Corrections
from data.store.database import Store
from data.store.decisions import Decisions
from data.store.keys import Key
from data.store.predictions import Predictions
from data.store.queue import Queue
from data.store.reach import Reach
from data.store.sessions import Session, Sessions
from service.label_check import LabelCheck
from service.live_model import LiveModel
from service.scope import Scopes
from service.settings import Settings
from service.web.forms import Form, read_form
from service.web.names import Names
from service.web.rendering import Pages
from service.web.route import PageError, SignedOutError

COOKIE = "pilah_session"


@dataclass(frozen=True, slots=True)
class Day:
    """How the day goes: reports decided by oneself and by everybody, and what still waits for this reviewer."""

    own: int
    everybody: int
    waiting: int
    urgent: int

    @property
    def share(self) -> float:
        """The part of the day's reports that is decided, 0 to 1."""
        return self.everybody / (self.everybody + self.waiting) if self.everybody else 0.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, and what they may see."""

    session: Session
    reach: Reach

    @property
    def key(self) -> Key:
        """The key that they signed in with."""
        return self.session.key


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent from one of the page's own forms."""

    visitor: Visitor
    form: Form


@dataclass(frozen=True, slots=True)
class Reference:
    """What is known besides the model: agencies and places, topics, what a scope takes in, which labels can be so."""

    table: AgencyTable
    topics: Sequence[Entry]
    scopes: Scopes
    check: LabelCheck


class Site:
    """What the routes share; one for the life of the service."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        live: LiveModel,
        reference: Reference,
        pages: Pages,
    ) -> None:
        self.settings, self.store, self.live, self.reference, self.pages = settings, store, live, reference, pages
        self.sessions, self.queue = Sessions(store), Queue(store)
        self.corrections, self.decisions, self.predictions = Corrections(store), Decisions(store), Predictions(store)
        self.names = Names(live, reference.table, [entry.label for entry in reference.topics])

    def visitor(self, request: Request) -> Visitor:
        """Return who is signed in; raises SignedOutError."""
        session = self.sessions.find(request.cookies.get(COOKIE, ""), now())
        if session is None:
            raise SignedOutError
        request.state.key_id = session.key.id
        return Visitor(session, self.reference.scopes.reach(session.key.scope))

    def sent(self) -> Callable[..., Coroutine[Any, Any, Sent]]:
        """Return the dependency that reads a form; raises PageError if it doesn't come from our own page."""

        async def sent(request: Request, visitor: Annotated[Visitor, Depends(self.visitor)]) -> Sent:
            form = await read_form(request)
            check_origin(form, visitor.session.csrf)
            return Sent(visitor, form)

        return sent

    def render(self, template: str, visitor: Visitor, here: str, **values: Any) -> Any:
        """Return a page for somebody who is signed in."""
        return self.pages(template, session=visitor.session, here=here, day=self._day(visitor), **values)

    def _day(self, visitor: Visitor) -> Day:
        moment = now()
        own, everybody = self.decisions.count_since(
            moment.replace(hour=0, minute=0, second=0, microsecond=0), visitor.key.id, visitor.reach
        )
        waiting = self.queue.count(visitor.key, visitor.reach, moment)
        return Day(own, everybody, waiting["waiting"], waiting["urgent"])


def check_origin(form: Form, token: str) -> None:
    """Raise PageError unless the form carries the token that the page put into it."""
    if not token or not secrets.compare_digest(form.text("csrf").encode(), token.encode()):
        raise PageError(403, "Formulir ini sudah kedaluwarsa. Muat ulang halaman lalu coba lagi.")


def now() -> datetime:
    """Return the time in Jakarta."""
    return datetime.now(JAKARTA)
