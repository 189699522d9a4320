"""The web application: health, the index for commands beside it, and Gradio's pages."""

import hmac
import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app.index_access import TOKEN_HEADER
from app.instance import InstanceLock
from app.passwords import PasswordGate

if TYPE_CHECKING:
    from app.wiring import Services

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
log = logging.getLogger(__name__)


class Nearest(BaseModel):
    """A question for the nearest memories."""

    model_config = ConfigDict(extra="forbid")
    persona_id: str
    vector: list[float]
    k: int
    embedder: str = ""
    """The key of the model that made the vector."""


class Cosines(BaseModel):
    """How near are these?"""

    model_config = ConfigDict(extra="forbid")
    persona_id: str
    vector: list[float]
    ids: list[str]
    embedder: str = ""
    """The key of the model whose vectors are wanted."""


def build_app(services: "Services", lock: InstanceLock, *, host: str, gate: PasswordGate | None) -> FastAPI:
    """Everything that is served, safe against foreign host names (DNS rebinding)."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    if host not in {"0.0.0.0", "::"}:  # noqa: S104 - then only known names may be asked for
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, host], www_redirect=False)
    _add_health(app, services)
    _add_index(app, services, lock)
    return _mount_pages(app, services, gate)


def _add_health(app: FastAPI, services: "Services") -> None:
    @app.get("/healthz")
    def health(request: Request) -> JSONResponse:
        """How the program is; to other machines only that it is there."""
        near = request.client is not None and request.client.host in LOOPBACK
        return JSONResponse(services.health() if near else {"version": services.version})


def _add_index(app: FastAPI, services: "Services", lock: InstanceLock) -> None:
    def refused(request: Request) -> JSONResponse | None:
        shown = request.headers.get(TOKEN_HEADER, "")
        if lock.token and hmac.compare_digest(shown.encode(), lock.token.encode()):
            return None
        return JSONResponse({"detail": "not allowed"}, status_code=403)

    @app.post("/api/index/query")
    def query(request: Request, question: Nearest) -> Any:
        import numpy as np

        if found := refused(request):
            return found
        finder = services.finding.finders.serving()
        vector = np.asarray(question.vector, dtype=np.float32)
        known = question.embedder in {"", finder.key}
        return finder.query(question.persona_id, vector, question.k) if known else []

    @app.post("/api/index/cosines")
    def cosines(request: Request, question: Cosines) -> Any:
        import numpy as np

        if found := refused(request):
            return found
        finder = services.finding.finders.serving()
        vector = np.asarray(question.vector, dtype=np.float32)
        known = question.embedder in {"", finder.key}
        return finder.cosines(question.persona_id, vector, question.ids) if known else {}

    @app.post("/api/index/sync")
    def sync(request: Request) -> Any:
        return refused(request) or services.index.sync()


def _mount_pages(app: FastAPI, services: "Services", gate: PasswordGate | None) -> FastAPI:
    import gradio as gr

    from app.ui.shell import build, launch_options

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="SSR mode is not supported")  # nobody asked for it
        mounted: FastAPI = gr.mount_gradio_app(
            app,
            build(services),
            path="/",
            auth=gate,
            auth_message="This Keepsake asks for its password. Any name will do." if gate else None,
            **launch_options(),
        )
    return mounted


def clear_temp(folder: Path) -> None:
    """Remove what earlier runs left of uploads."""
    import shutil

    for item in folder.iterdir():
        if item.is_dir() and not item.is_symlink():
            shutil.rmtree(item, ignore_errors=True)
        else:
            item.unlink(missing_ok=True)
