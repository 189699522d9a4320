import subprocess
import sys

import pytest

HEAVY = ("gradio", "chromadb", "langgraph", "llama_cpp", "apscheduler", "uvicorn")
SHOW = "import sys\n{code}\nprint(*[name for name in {heavy} if name in sys.modules])"


@pytest.mark.parametrize(
    "code",
    ["import app.main", "from app.main import run_command; run_command(['personas', '--data', {data!r}])"],
)
def test_a_small_command_brings_no_heavy_library(code: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    program = SHOW.format(code=code.format(data=str(tmp_path)), heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1:] in ([""], [])
