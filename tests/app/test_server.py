"""The web server from the inside: who may ask what."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import web
from app.index_access import TOKEN_HEADER
from app.instance import InstanceLock
from app.models.embedding import minilm_embedder
from app.passwords import PasswordGate, hashed
from app.paths import Paths
from app.server import address, claim, listen, password_gate
from app.settings import ServerSettings, Settings
from app.wiring import Services, build_services
from personas.errors import SetupError


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[InstanceLock]:
    made = InstanceLock(Paths(tmp_path / "data").create().lock)
    assert made.acquire("run")
    made.announce("http://127.0.0.1:7860")
    yield made
    made.release()


@pytest.fixture
def services(tmp_path: Path, lock: InstanceLock) -> Iterator[Services]:
    built = build_services(Paths(tmp_path / "data").create(), Settings(), model="none", lock=lock)
    yield built
    built.close()


@pytest.fixture
def app(services: Services, lock: InstanceLock, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """Without Gradio's pages, which take seconds and are tried in a browser."""
    monkeypatch.setattr(web, "_mount_pages", lambda app, _services, _gate: app)
    return web.build_app(services, lock, host="127.0.0.1", gate=None)


def client(app: FastAPI, *, host: str = "127.0.0.1:7860", caller: str = "127.0.0.1") -> TestClient:
    return TestClient(app, base_url=f"http://{host}", client=(caller, 50000))


def test_health_names_version_model_index_and_queues(app: FastAPI) -> None:
    health = client(app).get("/healthz").json()
    assert health["version"]
    assert health["model"] == {"name": "no model", "state": "none"}
    assert health["index"] == {"state": "waiting", "counts": {"indexed": 0, "total": 0, "pending": 0}}
    assert health["queues"] == {"outbox": 0, "reflection": 0}


def test_other_machines_learn_only_that_it_is_there(app: FastAPI) -> None:
    assert client(app, caller="192.168.1.7").get("/healthz").json().keys() == {"version"}


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1:7860", 200),
        ("localhost:7860", 200),
        ("[::1]:7860", 200),
        ("evil.example", 400),
        ("evil.example:7860", 400),
        ("127.0.0.1.evil.example", 400),
    ],
)
def test_a_foreign_host_name_is_refused(app: FastAPI, host: str, answer: int) -> None:
    assert client(app).get("/healthz", headers={"Host": host}).status_code == answer


def test_the_index_answers_only_who_shows_the_token(app: FastAPI, lock: InstanceLock) -> None:
    vector = {"persona_id": "mira", "vector": [0.0] * 384}
    question, near = vector | {"k": 3}, vector | {"ids": ["x"]}
    asking = client(app)
    for headers in ({}, {TOKEN_HEADER: ""}, {TOKEN_HEADER: "guess"}):
        for what, body in (("query", question), ("cosines", near), ("sync", {})):
            assert asking.post(f"/api/index/{what}", json=body, headers=headers).status_code == 403
    shown = {TOKEN_HEADER: lock.token}
    assert asking.post("/api/index/query", json=question, headers=shown).json() == []
    assert asking.post("/api/index/cosines", json=near, headers=shown).json() == {}
    assert asking.post("/api/index/sync", json={}, headers=shown).json() == 0


def test_a_command_beside_the_running_one_finds_by_meaning_through_it(
    app: FastAPI, services: Services, lock: InstanceLock
) -> None:
    from app.index_access import AskedNeighbours

    memory = services.memories.add("mira", "My flatmate Sindre plays the hardanger fiddle.")
    asking = client(app)

    def post(what: str, question: dict[str, object]) -> object:
        answer = asking.post(f"/api/index/{what}", json=question, headers={TOKEN_HEADER: lock.token})
        answer.raise_for_status()
        return answer.json()

    holder = lock.holder()
    assert holder is not None
    own = services.finding.finders.serving().key
    neighbours = AskedNeighbours(holder, post, embedder=own)
    neighbours.sync()
    vector = minilm_embedder(services.paths.models).embed([memory.text], "passage")[0]
    ((found, cosine),) = neighbours.query("mira", vector, 1)
    assert found == memory.id
    assert cosine == pytest.approx(1.0, abs=1e-3)
    assert neighbours.cosines("mira", vector, [memory.id, "gone"]) == {
        memory.id: pytest.approx(1.0, abs=1e-3)
    }
    stranger = AskedNeighbours(holder, post, embedder="another-model")
    assert stranger.query("mira", vector, 1) == []
    assert stranger.cosines("mira", vector, [memory.id]) == {}


def test_beyond_this_machine_it_is_served_only_with_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEEPSAKE_PASSWORD", raising=False)
    assert password_gate(Settings(), "127.0.0.1") is None
    for host in ("0.0.0.0", "192.168.1.7", "::", "keepsake.local"):
        with pytest.raises(SetupError, match="only served beyond this machine"):
            password_gate(Settings(), host)
    kept = Settings(server=ServerSettings(password_hash=hashed("a long secret")))
    gate = password_gate(kept, "0.0.0.0")
    assert isinstance(gate, PasswordGate)
    assert gate("me", "a long secret")
    monkeypatch.setenv("KEEPSAKE_PASSWORD", "another secret")
    gate = password_gate(Settings(), "127.0.0.1")
    assert gate is not None
    assert gate("me", "another secret")


def test_a_port_in_use_is_told_and_without_a_wish_the_next_free_one_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            SetupError, match=f"Port {port} is not to be had on 127.0.0.1: address already in use"
        ):
            listen("127.0.0.1", port)
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        assert first.getsockname()[1] != second.getsockname()[1]
        assert address("127.0.0.1", first).startswith("http://127.0.0.1:78")


def test_a_folder_in_use_says_by_whom(tmp_path: Path) -> None:
    held, second = InstanceLock(tmp_path / "lock"), InstanceLock(tmp_path / "lock")
    held.acquire("search")
    with pytest.raises(SetupError, match=r"in use by keepsake search \(process \d+\)"):
        claim(second)
    held.announce("http://127.0.0.1:7861")
    with pytest.raises(
        SetupError, match=r"already running with this data folder, at http://127\.0\.0\.1:7861"
    ):
        claim(second)
    held.release()


def test_uploads_of_earlier_runs_are_cleared_and_links_are_not_followed(tmp_path: Path) -> None:
    temp, outside = tmp_path / "temp", tmp_path / "outside"
    (temp / "abc").mkdir(parents=True)
    outside.mkdir()
    (outside / "kept").write_text("kept")
    (temp / "abc" / "voice.wav").write_text("")
    (temp / "loose").write_text("")
    (temp / "link").symlink_to(outside)
    web.clear_temp(temp)
    assert list(temp.iterdir()) == []
    assert (outside / "kept").exists()
