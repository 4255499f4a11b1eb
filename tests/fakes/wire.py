"""A line between the program and a fake platform, which a test can cut, leave hanging and mend."""

import asyncio
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit


class Wire:
    """Forwards loopback connections to `to`; `port` stays the same through every trouble."""

    def __init__(self, to: str) -> None:
        """`to`: any address of the platform's server, such as its `api_base_url`."""
        self._host, self._there = str(urlsplit(to).hostname), int(urlsplit(to).port or 0)
        self.port = 0
        self.accepted = 0  # connections so far
        self._hangs = False
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    def through(self, address: str) -> str:
        """The same address of the platform, by way of this line."""
        return address.replace(f":{self._there}", f":{self.port}")

    async def cut(self) -> None:
        """Every connection breaks, and new ones are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._break()

    async def hang(self) -> None:
        """What is said from now on arrives nowhere; connections are taken and never answered."""
        self._hangs = True
        await self._listen()

    async def mend(self) -> None:
        """All is well again; whoever still waits is hung up on."""
        self._hangs = False
        self._break()
        await self._listen()

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._taken, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def _break(self) -> None:
        for end in self._open:
            end.transport.abort()

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        ends = [writer]
        self._open.add(writer)
        try:
            if self._hangs:
                await self._swallow(reader)
                return
            there_reads, there = await asyncio.open_connection(self._host, self._there)
            ends.append(there)
            self._open.add(there)
            await asyncio.gather(self._pump(reader, there), self._pump(there_reads, writer))
        except OSError:
            return
        finally:
            for end in ends:
                end.transport.abort()
                self._open.discard(end)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction of a connection, to its end; silent while the line hangs."""
        with suppress(OSError):
            while words := await reader.read(65_536):
                if not self._hangs:
                    writer.write(words)
                    await writer.drain()
        writer.transport.abort()

    async def _swallow(self, reader: asyncio.StreamReader) -> None:
        while await reader.read(65_536):
            pass
