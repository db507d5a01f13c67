"""What a run may use of the machine."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphlink.core.credentials import redacted_repr
from graphlink.core.errors import SettingsError
from graphlink.core.ranges import check_fields, choice_field, path_field, ranged
from graphlink.core.settings.checks import check_setting

_MEMORY = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([KMGT]i?B|%)", re.IGNORECASE)
_SECRET = re.compile(r"[;&]\s*(token|[\w-]*(authorization|secret|password))\s*=|//[^/;]*@", re.IGNORECASE)
_MEMORY_RANGE = (1e6, 1e15)  # bytes; below it the engine can't start, and no machine has more


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The engine of a run and its limits; they do not change the result.

    Attributes:
        memory: Memory limit, such as 4GB; if empty, the engine's default (80 % of the machine).
        threads: Number of threads; 0 for every core.
        folder: Folder for temporary files; if empty, the system's.
        name: duckdb (built in) or spark (needs `graphlink[spark]`); if empty, duckdb.
        remote: URL of a Spark Connect server, such as sc://host:15002; if empty, Spark is started on this
            machine. Its token comes from the environment (SPARK_CONNECT_AUTHENTICATE_TOKEN).
        warehouse: Folder for intermediate tables on Spark, on any path that Spark can write; if empty, a
            temporary folder of this machine, which a remote Spark can't read.
        largest_component: Maximum number of links of a connected component whose communities a Spark worker
            finds; larger ones are processed on the machine that started the run. 0 means 10,000,000, about
            3 GB of a worker.
    """

    memory: str = ""
    threads: int = ranged(0, 0, 1024, "threads", "0 for every core")
    folder: str = path_field()
    name: str = choice_field("duckdb", "spark")
    remote: str = ""
    warehouse: str = path_field()
    largest_component: int = ranged(0, 0, 2**31 - 1, "links", "0 for 10,000,000")

    __repr__ = redacted_repr

    def __post_init__(self) -> None:
        check_fields(self)
        is_remote = not self.remote or (self.remote.startswith("sc://") and self.name == "spark")
        check_setting("remote", self.remote, "sc://host:port, with the engine spark", is_right=is_remote)
        if _SECRET.search(self.remote):
            raise SettingsError(
                "remote: an address in settings or on the command line is seen by others, so it may hold no "
                "secret; set the environment variable SPARK_CONNECT_AUTHENTICATE_TOKEN instead"
            )
        check_setting(
            "memory",
            self.memory,
            "a size such as 4GB, 500MB or 80%: 1% to 100%, or 1MB to 1000TB",
            is_right=not self.memory or _is_memory(self.memory),
        )


def _is_memory(text: str) -> bool:
    parts = _MEMORY.fullmatch(text)
    if parts is None:
        return False
    amount, unit = float(parts[1]), parts[2].upper()
    if unit == "%":
        return 1 <= amount <= 100
    base = 1024 if "I" in unit else 1000
    n_bytes = amount * float(base ** ("KMGT".index(unit[0]) + 1))
    return _MEMORY_RANGE[0] <= n_bytes <= _MEMORY_RANGE[1]
