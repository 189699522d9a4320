"""The password that pages ask for, where there is one."""

import hashlib
import hmac
import secrets
import threading
from collections import deque
from collections.abc import Callable

COST, BLOCK, PARALLEL = 2**14, 8, 1
"""scrypt as OWASP's cheat sheet has it for 16 MiB a try."""
TRIES = 8
WITHIN_SECONDS = 60.0


def hashed(password: str) -> str:
    """A salted hash to keep in the settings."""
    salt = secrets.token_hex(16)
    return f"scrypt${salt}${_digest(password, salt)}"


def matches(password: str, kept: str) -> bool:
    """Whether this password was hashed."""
    kind, _, rest = kept.partition("$")
    salt, _, digest = rest.partition("$")
    return kind == "scrypt" and hmac.compare_digest(_digest(password, salt), digest)


class PasswordGate:
    """Lets in whoever knows the password, under any name; after many wrong ones nobody for a minute."""

    def __init__(self, kept: str, seconds: Callable[[], float]) -> None:
        self._kept = kept
        self._seconds = seconds
        self._wrong: deque[float] = deque(maxlen=TRIES)
        self._lock = threading.Lock()

    def __call__(self, name: str, password: str) -> bool:  # noqa: ARG002 - Gradio asks for a name as well
        """Whether to let them in."""
        with self._lock:
            now = self._seconds()
            if len(self._wrong) == TRIES and now - self._wrong[0] < WITHIN_SECONDS:
                return False
            right = matches(password, self._kept)
            if not right:
                self._wrong.append(now)
            return right


def _digest(password: str, salt: str) -> str:
    return hashlib.scrypt(
        password.encode(), salt=salt.encode(), n=COST, r=BLOCK, p=PARALLEL, maxmem=2**26
    ).hex()
