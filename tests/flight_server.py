"""A server that speaks as much of Flight SQL as a query needs: a prepared statement, and its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.flight as fl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TYPES = b"type.googleapis.com/arrow.flight.protocol.sql."


def _field(number: int, value: bytes) -> bytes:
    """A field of bytes as protocol buffers write it."""
    length, size = b"", len(value)
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + value


def _fields(message: bytes) -> dict[int, bytes]:
    """The fields of bytes of a message."""
    found, at = {}, 0
    while at < len(message):
        number, shift, size = message[at] >> 3, 0, 0
        while True:
            at += 1
            size |= (message[at] & 127) << shift
            shift += 7
            if message[at] < 128:
                break
        found[number] = message[at + 1 : at + 1 + size]
        at += 1 + size
    return found


class FlightSql(fl.FlightServerBase):  # type: ignore[misc]  # pyarrow has no types
    """Answers every query with batches.

    Args:
        batches: Makes the answer to a query.
        schema: The columns of every answer.
    """

    def __init__(self, batches: Callable[[str], Iterator[pa.RecordBatch]], schema: pa.Schema) -> None:
        super().__init__("grpc://127.0.0.1:0")
        self.address = f"grpc://127.0.0.1:{self.port}"
        self.queries: list[str] = []
        self._batches, self._schema = batches, schema

    def do_action(self, context: object, action: fl.Action) -> list[bytes]:
        if action.type != "CreatePreparedStatement":
            return []
        query = _fields(_fields(action.body.to_pybytes())[2])[1]
        self.queries.append(query.decode())
        empty = pa.schema([]).serialize().to_pybytes()
        made = _field(1, query) + _field(2, self._schema.serialize().to_pybytes()) + _field(3, empty)
        return [_field(1, _TYPES + b"ActionCreatePreparedStatementResult") + _field(2, made)]

    def get_flight_info(self, context: object, descriptor: fl.FlightDescriptor) -> fl.FlightInfo:
        command = _fields(descriptor.command)
        if not command[1].endswith(b".CommandPreparedStatementQuery"):
            raise NotImplementedError("this server knows queries only")
        handle = _fields(command[2])[1]
        endpoint = fl.FlightEndpoint(fl.Ticket(handle), [])
        return fl.FlightInfo(self._schema, descriptor, [endpoint], -1, -1)

    def do_get(self, context: object, ticket: fl.Ticket) -> fl.GeneratorStream:
        return fl.GeneratorStream(self._schema, self._batches(ticket.ticket.decode()))
