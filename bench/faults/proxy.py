"""A TCP proxy that can hold back what a client says: the way to kill a process at one exact moment from outside."""

import asyncio
import contextlib


class Proxy:
    """Listens on a loopback port and passes on to another. All methods are for the loop it was started on."""

    def __init__(self, port: int, target_port: int) -> None:
        self.port = port
        self._target_port = target_port
        self._open = asyncio.Event()
        self._open.set()
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()

    def hold(self) -> None:
        """From now on nothing the clients say arrives; what the server says still does."""
        self._open.clear()

    def cut(self) -> None:
        """Ends every connection; what was held is lost, as with a process that died with it in its buffers."""
        for pair in list(self._pairs):
            for writer in pair:
                writer.transport.abort()
        self._pairs.clear()

    def release(self) -> None:
        self._open.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.close()
            return
        pair = (writer, to_writer)
        self._pairs.add(pair)
        back = asyncio.create_task(self._pump(to_reader, writer, held=False))
        try:
            await self._pump(reader, to_writer, held=True)
        finally:
            back.cancel()
            self._pairs.discard(pair)
            for one in pair:
                one.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, held: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if held:
                    await self._open.wait()
                if writer.transport.is_closing():
                    return
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
