"""The SQLite file: one connection a thread, one writer at a time, errors in words for a person."""

import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from storage.errors import DataFolderError
from storage.migrations import check_version, migrate
from storage.trouble import create_privately, speaking_plainly

if TYPE_CHECKING:
    import sqlite_utils

Row = dict[str, Any]
Parameters = Sequence[Any] | dict[str, Any]

BUSY_SECONDS = 30.0
"""How long a writer waits for another one."""
CACHE_KIB = 32_768
"""A connection's page cache; holds the memories that a word search looks at."""


class Database:
    """The store. Safe to share between threads; close it when every thread has done with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[tuple[weakref.ref[threading.Thread], sqlite_utils.Database]] = []
        self._guard = threading.Lock()
        self._writer = threading.RLock()
        self._closed = False

    @classmethod
    def open(cls, path: Path, *, backups: Path, now: Callable[[], datetime]) -> Self:
        """Open or create the store, and bring an older one up to date after a backup.

        Raises NewerSchemaError, before anything is touched, and DataFolderError.
        """
        create_privately(path)
        check_version(path)
        database = cls(path)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            with (
                database.atomic()
            ):  # a folder that cannot be written to is found now, not at the first message
                migrate(database.connection, path, backups=backups, now=now)
        except BaseException:
            database.close()
            raise
        return database

    @property
    def connection(self) -> "sqlite_utils.Database":
        """This thread's own connection."""
        own: sqlite_utils.Database | None = getattr(self._local, "connection", None)
        if own is None:
            own = self._connect()
            self._local.connection = own
        return own

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """All rows that a query gives, by column name."""
        with speaking_plainly(self.path):
            cursor = self.connection.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def tuples(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """All rows that a query gives, in the order of its columns: quicker where there are hundreds."""
        with speaking_plainly(self.path):
            return list(self.connection.execute(sql, parameters))

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row that a query gives."""
        return next(iter(self.rows(sql, parameters)), None)

    def number(self, sql: str, parameters: Parameters = ()) -> int:
        """The one number that a query gives."""
        with speaking_plainly(self.path):
            return int(self.connection.execute(sql, parameters).fetchone()[0])

    def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a statement and say how many rows it changed."""
        with speaking_plainly(self.path):
            return self.connection.execute(sql, parameters).rowcount

    def execute_many(self, sql: str, parameters: Sequence[Parameters]) -> None:
        """Run a statement once for each set of parameters, in one transaction."""
        with self.atomic():
            self.connection.conn.executemany(sql, parameters)

    def insert(self, table: str, row: Row) -> None:
        """Add a row."""
        columns = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        self.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", row)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All that happens inside is written together or not at all; blocks may be nested."""
        with speaking_plainly(self.path):
            own = self.connection
            if own.conn.in_transaction:
                with own.atomic():
                    yield
                return
            with self._one_writer():
                own.conn.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    own.conn.execute("COMMIT")
                except BaseException:
                    own.rollback()
                    raise

    def checkpoint(self) -> bool:
        """Write the log back into the file and empty it; False where a reader stood in the way."""
        with self._one_writer():
            return self.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0

    def close(self) -> None:
        """Close every connection."""
        with self._guard:
            self._closed = True
            for _, connection in self._connections:
                connection.close()
            self._connections.clear()

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if not self._writer.acquire(timeout=BUSY_SECONDS):
            raise DataFolderError("The store was busy for too long; nothing was changed.", "Try again.")
        try:
            yield
        finally:
            self._writer.release()

    def _connect(self) -> "sqlite_utils.Database":
        import sqlite_utils

        with speaking_plainly(self.path), self._guard:
            if self._closed:
                raise sqlite3.ProgrammingError("The store has been closed.")
            self._close_those_of_ended_threads()
            raw = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            own = sqlite_utils.Database(raw, execute_plugins=False)
            self._connections.append((weakref.ref(threading.current_thread()), own))
            raw.execute("PRAGMA foreign_keys = ON")
            raw.execute("PRAGMA secure_delete = ON")
            raw.execute("PRAGMA synchronous = FULL")
            raw.execute("PRAGMA temp_store = MEMORY")
            raw.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            raw.create_function("fold", 1, str.casefold, deterministic=True)
            return own

    def _close_those_of_ended_threads(self) -> None:
        living = []
        for thread_ref, connection in self._connections:
            thread = thread_ref()
            if thread is not None and thread.is_alive():
                living.append((thread_ref, connection))
            else:
                connection.close()
        self._connections = living
