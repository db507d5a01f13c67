"""Small crowds of accounts, drawn by seed, to state properties on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = 86_400
START = 1_700_000_000
MAIL = ("post.example", "inbox.example", "mailbox.example", "letter.example")


@dataclass
class Crowd:
    """Accounts with what they were seen with.

    Attributes:
        seed: Seed of everything.
        days: Days observed.
        rows: Account, kind, value, second.
        operators: Account to operator.
    """

    seed: int
    days: int = 28
    rows: list[tuple[str, str, str, int]] = field(default_factory=list)
    operators: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.networks = 0

    def account(self, operator: str = "", name: str = "") -> str:
        """Open an account; without an operator it is its own."""
        name = name or f"a{self.rng.integers(1 << 40):010x}-{len(self.operators)}"
        self.operators[name] = operator or name
        return name

    def exits(self, n: int) -> list[str]:
        """Addresses of one new network."""
        self.networks += 1
        hosts = self.rng.choice(np.arange(1, 255), n, replace=False)
        return [
            f"{20 + self.networks // 60000}.{self.networks // 250 % 240}.{self.networks % 250}.{i}"
            for i in hosts
        ]

    def see(self, account: str, kind: str, values: Sequence[str], n: int, first: float = 0.0) -> list[int]:
        """See an account n times with one of some values, each time at random; gives the seconds."""
        seconds: list[int] = (START + self.rng.uniform(first * DAY, self.days * DAY, n)).astype(int).tolist()
        for second in seconds:
            self.rows.append((account, kind, str(self.rng.choice(list(values))), second))
        return seconds

    def client(self) -> tuple[str, str]:
        """A fingerprint of one of 40 builds, and its agent."""
        build = int(min(39, self.rng.geometric(0.12)))
        return f"tls{build}", f"agent{build}-{self.rng.integers(2)}"

    def calls(
        self, account: str, exits: Sequence[str], n: int, client: tuple[str, str] | None = None
    ) -> None:
        """Requests from some exits by one client."""
        fingerprint, agent = client or self.client()
        for second in self.see(account, "ip", exits, n):
            self.rows += [
                (account, "tls_fingerprint", fingerprint, second),
                (account, "user_agent", agent, second),
            ]

    def pays(self, account: str, card: str = "") -> None:
        """A payment, by a new card unless it is given."""
        self.see(account, "payment", [card or self.card()], 1)

    def card(self) -> str:
        """A new card."""
        return f"card-{self.rng.integers(1 << 60):x}"

    def mail(self, account: str, domain: str = "") -> None:
        """An address, at a public provider unless a domain is given."""
        self.see(account, "email", [f"{account}@{domain or self.rng.choice(MAIL)}"], 1)

    def homes(self, n: int) -> None:
        """People on lines of their own, some of whom pay."""
        for _ in range(n):
            account = self.account()
            self.calls(account, self.exits(1), 4 + int(self.rng.poisson(5)))
            self.mail(account)
            if self.rng.random() < 0.6:
                self.pays(account)

    def site(self, n: int, n_exits: int = 3) -> None:
        """People of a campus: each at home as well."""
        exits = self.exits(n_exits)
        for _ in range(n):
            account = self.account()
            client = self.client()
            self.calls(account, self.exits(1), 3, client)
            self.calls(account, exits, 3 + int(self.rng.poisson(3)), client)
            self.mail(account)

    def farm(self, n: int, cards: int, n_servers: int = 6, exits: Sequence[str] = ()) -> str:
        """One operator's accounts on servers of its own, or on given exits, with so many cards."""
        operator = f"farm{len(self.operators)}"
        servers = list(exits) or [self.exits(1)[0] for _ in range(n_servers)]
        hands = [self.card() for _ in range(cards)]
        for i in range(n):
            account = self.account(operator)
            self.calls(account, self.rng.choice(servers, min(3, len(servers)), replace=False).tolist(), 12)
            self.mail(account)
            self.pays(account, hands[i % cards])
        return operator

    def router(self, n: int, n_exits: int = 4, *, ends_tls: bool = True) -> list[str]:
        """Honest customers of a router; one that ends TLS shows its own client. Gives its exits."""
        exits = self.exits(n_exits)
        own = (f"tls-router{self.networks}", f"agent-router{self.networks}")
        for _ in range(n):
            account = self.account()
            self.calls(account, exits, 3 + int(self.rng.poisson(6)), own if ends_tls else None)
            self.mail(account)
            if self.rng.random() < 0.6:
                self.pays(account)
        return exits

    def firm(self, n: int, exits: Sequence[str]) -> str:
        """Staff of a firm under its own mail domain, behind given exits."""
        operator = f"firm{len(self.operators)}"
        for _ in range(n):
            account = self.account(operator)
            self.calls(account, exits, 3 + int(self.rng.poisson(4)))
            self.mail(account, f"{operator}.example")
        return operator

    def frame(self) -> pd.DataFrame:
        """The observations."""
        frame = pd.DataFrame(self.rows, columns=["account_id", "kind", "value", "second"])
        frame["seen_at"] = pd.to_datetime(frame.pop("second"), unit="s", utc=True)
        frame["n"] = 1
        return frame
