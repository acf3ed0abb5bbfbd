"""``conductor serve``: one data folder, one socket, one process.

::

    DATA/api_key.json          what clients are pointed at, mode 0600
    DATA/signing_secret.json   signs tokens and file URLs, mode 0600
    DATA/service.sqlite        jobs, tasks, attempts, which files there are
    DATA/store/                files by their content
    DATA/attempts/             logs and results of every run
    DATA/packages/             software packages of our own
    DATA/service.lock          held while a service runs
"""

from __future__ import annotations

import argparse
import fcntl
import json
import logging
import os
import signal
import socket
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Iterator, Sequence

import uvicorn

from conductor.lib.errors import ConductorError, ConfigError
from conductor.service import (
    bundles,
    catalog_endpoints,
    farm,
    file_endpoints,
    job_endpoints,
    part_endpoints,
    sign_in,
    upload_endpoints,
)
from conductor.service.app import Service, create_app
from conductor.service.database import Database
from conductor.service.dispatcher import AttemptFolders, Dispatcher
from conductor.service.identity import Identity
from conductor.service.local_engine import LocalEngine
from conductor.service.notifications import Notifier
from conductor.service.partials import Partials
from conductor.service.store import ContentStore

LOG = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
BACKLOG = 512
KEEP_ALIVE_S = 75
FINISH_REQUESTS_S = 2


def serve(
    port: int, data: str | os.PathLike[str], host: str = LOOPBACK,
    ready_file: str | os.PathLike[str] | None = None,
    farm_file: str | os.PathLike[str] | None = None, trust_loopback: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        port: 0 for any free one.
        data: folder for everything that is kept; made when missing.
        host: address to listen on; anything but loopback is reachable by others, unencrypted.
        ready_file: gets JSON with ``url`` and ``api_key_path`` once requests are accepted.
        farm_file: ``farm.yml``, see :mod:`conductor.service.farm`.
        trust_loopback: browsers of this machine sign in without the key; only for a service that
            nobody else reaches.

    Raises:
        ConfigError: the address or folder is taken, or the farm file is wrong.
    """
    if trust_loopback and host not in sign_in.LOOPBACKS:
        raise ConfigError(
            'trust-loopback is for a service of this machine alone, not for --host "%s"' % host
        )
    folder = Path(data).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if ready_file is not None:
        Path(ready_file).unlink(missing_ok=True)
    with _only_one(folder), _listening(host, port) as listener:
        offered = farm.load(Path(farm_file) if farm_file else None, folder)
        service = replace(build(folder, offered), trusts_loopback=trust_loopback)
        url = "http://%s:%d" % (_reachable(host), listener.getsockname()[1])
        if host != LOOPBACK:
            LOG.warning("listening on %s: whoever reaches it sees keys and files in clear", host)
        try:
            _run(service, listener, url, Path(ready_file) if ready_file else None)
        finally:
            service.dispatcher.close()
            if service.notifier:
                service.notifier.close()
            service.partials.close()
            service.database.close()


def build(data: Path, offered: farm.Farm) -> Service:
    """Open or make everything in a data folder; the dispatcher is not started yet."""
    farm.write_slate_launcher(data)
    database = Database(data / "service.sqlite")
    database.upgrade()
    store = ContentStore(data / "store")
    partials = Partials(
        store, data / "store" / "partial", offered.part_size, offered.multipart_from
    )
    folders = AttemptFolders(data / "attempts")
    engine = LocalEngine(folders.root, offered.cores)
    return Service(
        offered, Identity(data), database, store, partials, folders,
        Dispatcher(database, store, engine, folders),
        Notifier(database, offered.mail) if offered.mail else None,
    )


@contextmanager
def _only_one(data: Path) -> Iterator[None]:
    path = data / "service.lock"
    with path.open("a+", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise ConfigError(
                'another service (process %s) uses "%s"; stop it, or give another --data'
                % (handle.read().strip() or "unknown", data)
            ) from None
        handle.truncate(0)
        handle.write("%d\n" % os.getpid())
        handle.flush()
        yield


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio switches off Nagle's algorithm: 40 ms less per answer.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise ConfigError("cannot listen on %s port %d: %s" % (host, port, error)) from error
        listener.listen(BACKLOG)
        yield listener


def _reachable(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):
        return LOOPBACK
    return "[%s]" % host if ":" in host else host


class _Server(uvicorn.Server):
    """Leaves the signals to us and says when it is ready."""

    def __init__(self, config: uvicorn.Config, service: Service, ready: Ready) -> None:
        super().__init__(config)
        self._service = service
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ours stay: the base class would raise them again and skip what must still be done."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then to work, then say so."""
        await super().startup(sockets)
        self._service.dispatcher.start()
        if self._service.notifier:
            self._service.notifier.start()
        self._ready.tell()


class Ready:
    """The file that tells where the service is."""

    def __init__(self, path: Path | None, url: str, api_key_path: Path) -> None:
        self._path = path
        self._content = {"url": url, "api_key_path": str(api_key_path)}

    def tell(self) -> None:
        """Write it, whole or not at all."""
        LOG.info("ready at %(url)s, API key in %(api_key_path)s", self._content)
        if self._path is None:
            return
        beside = self._path.with_name(".%s.%d" % (self._path.name, os.getpid()))
        beside.write_text(json.dumps(self._content) + "\n", encoding="utf-8")
        os.replace(beside, self._path)


def _run(service: Service, listener: socket.socket, url: str, ready_file: Path | None) -> None:
    parts = (
        sign_in, catalog_endpoints, file_endpoints, part_endpoints, bundles, job_endpoints,
        upload_endpoints,
    )
    routes = [route for part in parts for route in part.ROUTES]
    config = uvicorn.Config(
        create_app(service, routes), loop="asyncio", http="h11", ws="none", lifespan="off",
        interface="asgi3", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=FINISH_REQUESTS_S,
    )
    server = _Server(config, service, Ready(ready_file, url, service.identity.key_path))

    def leave(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(arguments: Sequence[str] | None = None) -> int:
    """The service alone, without the rest of the command line."""
    parser = argparse.ArgumentParser("conductor.service.server", description=serve.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--data", required=True)
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--ready-file")
    parser.add_argument("--farm")
    parser.add_argument("--trust-loopback", action="store_true")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        serve(
            chosen.port, chosen.data, chosen.host, chosen.ready_file, chosen.farm,
            chosen.trust_loopback,
        )
    except ConductorError as error:
        sys.stderr.write("conductor serve: %s\n" % error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
