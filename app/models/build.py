"""What this machine's llama.cpp was built for: a graphics card or none, and which processor instructions.

It is asked in a process of its own, since llama.cpp stays out of the web server's; once, for half a second.
"""

import functools
import json
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from app.models.worker.process import ROOT, environment

PATIENCE_S: Final = 60.0
CPU_INFO: Final = Path("/proc/cpuinfo")
NEEDED: Final = {"avx2": "AVX2", "fma": "FMA", "avx512f": "AVX512", "asimd": "NEON"}
"""By the processor's word for it, llama.cpp's for the instructions that make the difference."""


@dataclass(frozen=True, slots=True)
class Build:
    """What llama.cpp can use here."""

    gpu: bool = False
    """Whether it can run layers on a graphics card."""
    uses: tuple[str, ...] = ()
    """The processor's instructions that it was compiled for."""

    def lacks(self, has: frozenset[str]) -> list[str]:
        """Instructions that the processor has, by its own words, and the build leaves unused."""
        return [name for word, name in NEEDED.items() if word in has and name not in self.uses]


def look(native: Any) -> Build:
    """Ask llama.cpp's bindings."""
    told = native.llama_print_system_info().decode("utf-8", errors="replace")
    return Build(bool(native.llama_supports_gpu_offload()), tuple(re.findall(r"(\w+) = 1\b", told)))


@functools.cache
def build() -> Build | None:
    """What it was built for; None where it cannot be asked."""
    return asked([sys.executable, "-P", "-m", "app.models.build"])


def asked(command: list[str]) -> Build | None:
    """Ask in another process."""
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=True,
            env=environment(),
            cwd=ROOT,
        )
        told = json.loads(done.stdout)
        return Build(bool(told["gpu"]), tuple(map(str, told["uses"])))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None


def processor(cpu_info: Path = CPU_INFO) -> frozenset[str]:
    """What the processor can do, in its own words; empty where the system does not tell."""
    try:
        text = cpu_info.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset({"asimd"}) if platform.machine() in {"arm64", "aarch64"} else frozenset()
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    return frozenset(found[1].split()) if found else frozenset()


def main(library: Callable[[], Any]) -> None:
    """Print it for whoever asks."""
    sys.stdout.write(json.dumps(asdict(look(library()))))


if __name__ == "__main__":
    from app.models import native as _native

    main(_native.library)
