"""The log file: what happened and where, never what anybody said."""

import logging
import logging.handlers
import os
import traceback
from pathlib import Path
from types import TracebackType

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
BYTES = 1_000_000
FILES = 3
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """Says of an error its kind and the places in the code, not its message, which may quote a person."""

    def format(self, record: logging.LogRecord) -> str:
        """As it is, but never with an error's text that another formatter has left in the record."""
        kept, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the name is the library's
        """The chain of errors, each with the lines that it came through."""
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            lines.append(f"  {type(error).__module__}.{type(error).__qualname__} at")
            lines += [f"    {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


def set_up(file: Path) -> None:
    """Log to this file from now on, and to no other place."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, logging.handlers.RotatingFileHandler):
            root.removeHandler(handler)
            handler.close()
    root.addHandler(_handler(file))
    root.setLevel(logging.WARNING)
    for name in ("app", "graphs", "storage", "personas"):
        logging.getLogger(name).setLevel(logging.INFO)


def tear_down() -> None:
    """Close the log file."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, logging.handlers.RotatingFileHandler) or type(handler) is logging.NullHandler:
            root.removeHandler(handler)
            handler.close()


def _handler(file: Path) -> logging.Handler:
    try:
        file.touch(mode=0o600, exist_ok=True)
        if not os.access(file, os.W_OK):
            return logging.NullHandler()
        handler = logging.handlers.RotatingFileHandler(
            file, maxBytes=BYTES, backupCount=FILES, encoding="utf-8", delay=True
        )
    except OSError:
        return logging.NullHandler()  # the store says in plain words what is wrong with the folder
    handler.setFormatter(DiscreetFormatter(FORMAT))
    return handler
