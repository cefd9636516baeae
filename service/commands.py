"""`pilah serve`, `pilah predict`, `pilah keys` and `pilah corrections`."""

import gc
import json
import os
import socket
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from threadpoolctl import threadpool_limits
from uvicorn.supervisors import Multiprocess

from classifier.errors import InputError
from data.complaints import JAKARTA
from data.gazetteer import read_places
from data.store.database import Store
from data.store.keys import Key, Keys, Scope
from data.store.tables import Role
from data.tables import read_agencies
from models.registry import Registry
from service import corrections_command, store_command
from service.app import create_app
from service.live_model import LiveModel
from service.observability import WORKERS_FOLDER, configure_logging
from service.opening import open_store
from service.predict_command import predict
from service.scope import Scopes
from service.settings import Settings

IDLE = 75  # seconds that a connection is kept for the next call; longer than what usual proxies keep theirs
FACTORY = "service.app:from_environment"  # what each of several workers is built by
STOP = 30  # seconds that calls under way have to end after SIGTERM
EXAMPLE = {"id": "contoh-1", "text": "Lampu jalan di depan balai warga mati sejak tiga malam, mohon diperbaiki."}


def mount(app: typer.Typer) -> None:
    """Add the `serve`, `predict`, `keys`, `corrections` and `store` commands to `app`."""
    app.command()(serve)
    app.command()(predict)
    keys = typer.Typer(no_args_is_help=True, help="API keys: create, list, revoke.")
    app.add_typer(keys, name="keys")
    keys.command("create")(create_key)
    keys.command("list")(list_keys)
    keys.command("revoke")(revoke_key)
    corrections_command.mount(app)
    store_command.mount(app)


def serve(
    model: Annotated[Path | None, typer.Option(help="Folder of a bundle; left out, the registry's active one.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
) -> None:
    """Serve the HTTP API. Settings come from PILAH_ variables of the environment."""
    with _listen(host, port) as listener:  # first of all, so that nothing is done in vain
        settings = Settings.load()
        if model is not None:
            settings = settings.model_copy(update={"model": model})
        registry = Registry(settings.home)
        live = LiveModel(settings.model or registry)
        live.start()
        with open_store(settings) as store:
            app = create_app(settings, store, live, registry) if workers == 1 else None
            _greet(_address(listener), _first_key(store))  # once it can answer: whoever reads this asks at once
            if app:
                _run(app, listener)
        if workers > 1:
            _run_workers(settings, listener, workers)


def create_key(
    name: Annotated[str, typer.Argument(help="Whose key it is, to recognise it by.")],
    role: Annotated[Role, typer.Option(help="What it may do.")],
    agency: Annotated[str, typer.Option(help="Limit it to reports for this agency and those below it.")] = "",
    place: Annotated[str, typer.Option(help="Limit it to reports from this place, a Kemendagri code.")] = "",
    confidential: Annotated[bool, typer.Option("--confidential", help="Let it see `rahasia` reports.")] = False,
) -> None:
    """Make a key and print its secret, which is not shown again."""
    if not name.strip():
        raise InputError("NAME", "empty", "a name to recognise the key by")
    scope = Scope(agency, place, confidential)
    if agency or place:
        scope = Scopes(read_agencies(read_places())).checked(scope)
    with open_store(Settings.load()) as store:
        key, secret = Keys(store).create(name, role, datetime.now(JAKARTA), scope)
    typer.echo(f"Key {key.id} ({key.name}, {key.role}); it is shown only now:", err=True)
    typer.echo(secret)


def list_keys() -> None:
    """List all keys, the revoked ones too, without their secrets."""
    with open_store(Settings.load()) as store:
        found = Keys(store).list()
    names, limits = Column("name", overflow="fold"), Column("limited to", overflow="fold")
    table = Table("id", names, "role", limits, "created", "revoked", box=None)
    for key in found:
        row = (str(key.id), escape(key.name), key.role, escape(_limits(key)))
        table.add_row(*row, _minute(key.created), _minute(key.revoked))
    Console().print(table)


def revoke_key(key_id: Annotated[int, typer.Argument(metavar="ID", help="As `pilah keys list` shows it.")]) -> None:
    """Stop a key from being used; a running service forgets it within seconds."""
    with open_store(Settings.load()) as store:
        key = Keys(store).revoke(key_id, datetime.now(JAKARTA))
    typer.echo(f"Key {key.id} ({key.name}, {key.role}) is revoked.")


def _limits(key: Key) -> str:
    scope = key.scope
    return ", ".join(part for part in (scope.agency, scope.place, "rahasia too" if scope.confidential else "") if part)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        typer.echo(f"Can't listen on {host}:{port} ({reason}). Choose another with --host or --port.", err=True)
        raise typer.Exit(2) from None


def _first_key(store: Store) -> str | None:
    """Make an admin key where there is none yet and return its secret."""
    return None if Keys(store).list() else Keys(store).create("first", "admin", datetime.now(JAKARTA))[1]


def _greet(address: str, secret: str | None) -> None:
    typer.echo(f"pilah answers at {address}\nReviewer page: {address}/review")
    if secret is None:
        typer.echo("Make a key with: pilah keys create NAME --role router")
        return
    body = json.dumps({"complaints": [EXAMPLE]})
    typer.echo(f"The first API key (role admin), shown only now: {secret}\nTry it:")
    typer.echo(
        f"curl -sS {address}/v1/predictions -H 'Authorization: Bearer {secret}' "
        f"-H 'Content-Type: application/json' -d '{body}'"
    )


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _minute(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(JAKARTA).strftime("%Y-%m-%d %H:%M")


def _run(app: object, listener: socket.socket) -> None:
    configure_logging()
    threadpool_limits(1)  # many calls are answered at once: threads of one product would only wait for each other
    gc.freeze()  # the model and the places live on: a full collection over them would hold up answers
    uvicorn.Server(_config(app)).run(sockets=[listener])


def _run_workers(settings: Settings, listener: socket.socket, workers: int, factory: str = FACTORY) -> None:
    configure_logging()
    if settings.model is not None:
        os.environ["PILAH_MODEL"] = str(settings.model)  # each worker reads its settings anew
    with tempfile.TemporaryDirectory(prefix="pilah-metrics-") as folder:
        os.environ[WORKERS_FOLDER] = folder
        config = _config(factory, factory=True, workers=workers)
        listener.set_inheritable(True)
        Multiprocess(config, sockets=[listener]).run()


def _config(app: object, *, factory: bool = False, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        factory=factory,
        workers=workers,
        log_config=None,
        access_log=False,  # each request is logged as JSON already, without its query
        server_header=False,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=STOP,
    )
