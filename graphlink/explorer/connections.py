"""Connections that do nothing: none of them may keep others out.

A connection is idle until the head of a request has arrived, between two requests, and while its client does
not read. Beyond some number of them, the one that is idle longest is closed for each new connection. So
whoever sends a request at once gets in, and idle connections never reach uvicorn's limit on all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

MOST_AT_ONCE = 256
"""Connections; requests beyond are answered with 503."""
MOST_IDLE = 128
"""Idle connections, which leaves as many to those that are answered."""
_SECONDS_FOR_HEAD = 20.0  # within which the head of a request must arrive
_SECONDS_TO_READ = 30.0  # in which a client must take some of what was written


class SlowClientGuard(H11Protocol):
    """HTTP for clients that send the head of their request, and read the answer, in time.

    Connections of those that do not are closed.
    """

    _due: asyncio.TimerHandle | None = None
    _read_due: asyncio.TimerHandle | None = None
    _idle_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """Begin to wait for a request, in place of the connection that has waited longest."""
        super().connection_made(transport)
        self._idle_since = self.loop.time()
        idle = [one for one in self.connections if isinstance(one, SlowClientGuard) and one.is_idle]
        if len(idle) > MOST_IDLE:
            min(idle, key=lambda one: one._idle_since).drop()
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what was sent, and go on waiting until a head is whole."""
        super().data_received(data)
        self._wait()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._idle_since = self.loop.time()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        super().connection_lost(exc)
        self._stop()
        self._stop_writing()

    def pause_writing(self) -> None:
        """Begin to wait for a client that does not read as fast as is written."""
        super().pause_writing()
        self._idle_since = self.loop.time()
        self._wait_to_write()

    def resume_writing(self) -> None:
        """Stop waiting: the client has read."""
        super().resume_writing()
        self._stop_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close after the last answer, however long its client takes to read it."""
        super().timeout_keep_alive_handler()
        self._wait_to_write()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered, or its client does not read the answer."""
        return self.cycle is None or self.cycle.response_complete or self.flow.write_paused

    def drop(self) -> None:
        """Close at once, with what was not read yet."""
        self.connections.discard(self)
        self.transport.abort()

    def _wait(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._due is None:
            self._due = self.loop.call_later(_SECONDS_FOR_HEAD, self._close_connection)

    def _stop(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _close_connection(self) -> None:
        self._due = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
            self._wait_to_write()

    def _wait_to_write(self) -> None:
        left = self.transport.get_write_buffer_size()
        if left and self._read_due is None:
            self._read_due = self.loop.call_later(_SECONDS_TO_READ, self._check_reading, left)

    def _stop_writing(self) -> None:
        if self._read_due is not None:
            self._read_due.cancel()
            self._read_due = None

    def _check_reading(self, left: int) -> None:
        """Give up a client that has read nothing since; closing would wait until it has read all."""
        self._read_due = None
        if self.transport.get_write_buffer_size() >= left:
            self.drop()
        else:
            self._wait_to_write()
