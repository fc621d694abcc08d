"""PostgreSQL and Valkey for this machine: those the environment names, else our own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.local import postgres, valkey
from config.local.postgres import Postgres
from config.local.processes import LocalError
from config.local.valkey import Valkey

DATABASE = "rabita"


@dataclass(frozen=True)
class Servers:
    """Addresses of the three services; `own_*` is None where the environment named one."""

    database_url: str
    broker_url: str
    cache_url: str
    own_postgres: Postgres | None
    own_valkey: Valkey | None

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "CELERY_BROKER_URL": self.broker_url,
            "CACHE_URL": self.cache_url,
        }


@contextmanager
def running(
    folder: Path, *, named: Mapping[str, str] | None = None, scratch: bool = False
) -> Iterator[Servers]:
    """Both servers for as long as the block lasts, with their data in `folder`.

    Each is looked for in this order: `named` (the environment by default), the wheel, the path.
    """
    named = os.environ if named is None else named
    logs = folder / "logs"
    with ExitStack() as stack:
        own_postgres = own_valkey = None
        database_url = named.get("DATABASE_URL", "")
        broker_url = named.get("CELERY_BROKER_URL", "")
        cache_url = named.get("CACHE_URL", "")
        if not database_url:
            own_postgres = postgres.start(folder, log=logs / "postgres.log", scratch=scratch)
            if own_postgres is None:
                raise _nothing_found("PostgreSQL", "an `initdb`")
            stack.callback(own_postgres.stop)
            own_postgres.create(DATABASE)
            database_url = own_postgres.url(DATABASE)
        if not broker_url:
            own_valkey = valkey.start(folder, log=logs / "valkey.log", scratch=scratch)
            if own_valkey is None:
                raise _nothing_found("Valkey", "a `valkey-server`")
            stack.callback(own_valkey.stop)
            broker_url, cache_url = own_valkey.broker_url, cache_url or own_valkey.cache_url
        yield Servers(
            database_url=database_url,
            broker_url=broker_url,
            cache_url=cache_url or broker_url,
            own_postgres=own_postgres,
            own_valkey=own_valkey,
        )


def _nothing_found(server: str, program: str) -> LocalError:
    return LocalError(
        f"No {server}: its package does not run on this machine and the path has not {program}. "
        "Set DATABASE_URL (postgres://…) and CELERY_BROKER_URL (redis://…) to servers you have."
    )
