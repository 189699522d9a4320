"""How many threads a model may use while other programs work too.

llama.cpp's threads wait for each other spinning, so that one that shares its core with a busy program holds
up all others: on two cores the starter gives 87 tokens a second with two threads, beside one busy program
28, and 57 with one thread. So a model leaves the cores alone that others keep busy.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOOK_EVERY_S: Final = 0.25
LONG_AGO_S: Final = 1.0
"""What others did over a longer time says little of now."""
RUNNING: Final = re.compile(rb"^procs_running (\d+)$", re.MULTILINE)
BUSY: Final = 0.5
"""Of a core's time that others use, from which on it is theirs."""
TICKS_A_SECOND: Final[int] = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True, slots=True)
class Work:
    """Seconds of processor time since some moment: of all programs on all cores, and of this one."""

    everybody: float
    ours: float


def measure() -> Work | None:
    """The work done so far; None where the system does not tell."""
    try:
        fields = Path("/proc/stat").read_bytes().split(b"\n", 1)[0].split()[1:9]
    except OSError:
        return None
    user, nice, system, _idle, _waiting, interrupts, soft, _stolen = map(int, fields)
    own = os.times()
    everybody = (user + nice + system + interrupts + soft) / TICKS_A_SECOND
    return Work(everybody, own.user + own.system)


def running() -> int:
    """How many other programs' threads are at work at this very moment; 0 where the system does not tell."""
    try:
        found = RUNNING.search(Path("/proc/stat").read_bytes())
    except OSError:
        return 0
    return max(int(found[1]) - 1, 0) if found else 0


class Threads:
    """The number of threads for the next token; looks around a few times a second at most."""

    def __init__(
        self,
        most: int,
        now: Callable[[], float],
        look: Callable[[], Work | None] = measure,
        others: Callable[[], int] = running,
    ) -> None:
        """`most` is one a core; `now` is in seconds, from any moment on.

        Until it can look back, `others` of this moment count: the first call of a process that used all
        threads beside busy programs took 1.6 s instead of 0.1.
        """
        self._most = most
        self._now = now
        self._look = look
        self._others = others
        self._count = max(1, most - others())
        self._at = now()
        self._before = look()

    def count(self) -> int:
        """At least one."""
        now = self._now()
        passed = now - self._at
        if passed < LOOK_EVERY_S or self._most == 1:
            return self._count
        work, before = self._look(), self._before
        self._at, self._before = now, work
        if passed > LONG_AGO_S:
            self._count = max(1, self._most - self._others())
        elif work and before:
            others = (work.everybody - before.everybody - (work.ours - before.ours)) / passed
            theirs = int(max(others, 0.0) + 1 - BUSY)
            self._count = max(1, self._most - theirs)
        return self._count
