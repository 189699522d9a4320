import hashlib
import json
import random
import shutil
import threading
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from app.models import downloads
from app.models.catalogue import Entry
from app.models.downloads import FetchError, fetch, remove
from app.models.sources import hub
from app.models.sources.progress import FetchProgress
from personas.errors import SetupError
from tests.fakes.file_server import FileServer

GO = threading.Event()
REPO = "someone/Tiny-GGUF"
RESOLVE = f"/{REPO}/resolve/main/tiny.gguf"


@pytest.fixture
def model(tiny_file: Path) -> bytes:
    """A real model file with some data behind it, so that a download takes several blocks."""
    return tiny_file.read_bytes() + random.Random(3).randbytes(2_000_000)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def entry(*sources: dict[str, Any], **facts: Any) -> Entry:
    return Entry.model_validate(
        {
            "name": "tiny",
            "title": "Tiny",
            "words": "For tests.",
            "licence": "Apache-2.0",
            "billions": 0.001,
            "memory_bytes": 1,
            "file_name": "tiny.gguf",
            "sources": sources,
            **facts,
        }
    )


def at_url(files: FileServer, model: bytes, path: str = "/tiny.gguf", **facts: Any) -> Entry:
    files.files.setdefault(path, model)
    return entry({"kind": "url", "url": files.url + path}, **{"sha256": sha(model), **facts})


def on_hub(files: FileServer, model: bytes, **facts: Any) -> Entry:
    """As the hub does it: the address redirects to a store, and tells size and hash beforehand."""
    files.files["/store/tiny"] = model
    files.etags["/store/tiny"] = '"v1"'
    files.redirects[RESOLVE] = files.url.replace("127.0.0.1", "localhost") + "/store/tiny"
    files.head_headers[RESOLVE] = {"X-Linked-Etag": f'"{sha(model)}"', "X-Linked-Size": str(len(model))}
    files.files[f"/api/models/{REPO}"] = json.dumps({"cardData": {"license": "mit"}}).encode()
    return entry({"kind": "hub", "repo": REPO, "file": "tiny.gguf"}, **facts)


def run(wanted: Entry, folder: Path, files: FileServer) -> list[FetchProgress]:
    return list(fetch(wanted, folder, stop=GO, hub=files.url))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_file_is_fetched_whole_with_progress(files: FileServer, model: bytes, tmp_path: Path) -> None:
    told = run(at_url(files, model), tmp_path, files)
    assert (tmp_path / "tiny.gguf").read_bytes() == model
    assert names(tmp_path) == {"tiny.gguf", "tiny.gguf.json"}
    fetching = [one for one in told if one.phase == "fetching"]
    assert len(fetching) > 3
    assert fetching[-1].share == 1.0
    assert [one.done_bytes for one in fetching] == sorted(one.done_bytes for one in fetching)
    assert told[-1].phase == "done"


def test_fetched_model_is_not_fetched_again(files: FileServer, model: bytes, tmp_path: Path) -> None:
    wanted = at_url(files, model)
    run(wanted, tmp_path, files)
    asked = len(files.requests)
    assert [one.phase for one in run(wanted, tmp_path, files)] == ["done"]
    assert len(files.requests) == asked


def test_broken_connection_is_taken_up_where_it_broke(
    files: FileServer, model: bytes, tmp_path: Path
) -> None:
    wanted = at_url(files, model)
    files.etags["/tiny.gguf"] = '"v1"'
    files.breaks["/tiny.gguf"] = [700_000, 600_000]
    run(wanted, tmp_path, files)
    assert (tmp_path / "tiny.gguf").read_bytes() == model
    asked = files.gets("/tiny.gguf")
    assert len(asked) == 3
    assert int(asked[2]["Range"].removeprefix("bytes=").rstrip("-")) > 1_000_000
    assert asked[2]["If-Range"] == '"v1"'


def test_stop_keeps_the_part_and_the_next_try_goes_on(
    files: FileServer, model: bytes, tmp_path: Path
) -> None:
    wanted, stop = at_url(files, model), threading.Event()
    files.etags["/tiny.gguf"] = '"v1"'
    told = []
    for one in fetch(wanted, tmp_path, stop=stop):
        told.append(one)
        if one.done_bytes > 500_000:
            stop.set()
    assert told[-1].phase == "stopped"
    assert 500_000 < (tmp_path / "tiny.gguf.part").stat().st_size < len(model)
    run(wanted, tmp_path, files)
    assert (tmp_path / "tiny.gguf").read_bytes() == model
    assert files.gets("/tiny.gguf")[1]["Range"].startswith("bytes=")


def test_stop_before_the_start_asks_nobody(files: FileServer, model: bytes, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    told = [one.phase for one in fetch(at_url(files, model), tmp_path, stop=stop)]
    assert told == ["stopped"]
    assert not files.requests


def test_part_of_another_version_is_thrown_away(files: FileServer, model: bytes, tmp_path: Path) -> None:
    files.etags["/tiny.gguf"] = '"v2"'
    (tmp_path / "tiny.gguf.part").write_bytes(b"older" * 1000)
    note = {"url": files.url + "/tiny.gguf", "etag": '"v1"'}
    (tmp_path / "tiny.gguf.part.json").write_text(json.dumps(note))
    run(at_url(files, model), tmp_path, files)
    assert (tmp_path / "tiny.gguf").read_bytes() == model


def test_server_without_ranges_begins_anew(files: FileServer, model: bytes, tmp_path: Path) -> None:
    files.knows_ranges = False
    files.etags["/tiny.gguf"] = '"v1"'
    files.breaks["/tiny.gguf"] = [700_000]
    run(at_url(files, model), tmp_path, files)
    assert (tmp_path / "tiny.gguf").read_bytes() == model


def test_part_larger_than_the_file_is_thrown_away(files: FileServer, model: bytes, tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf.part").write_bytes(model + b"too much")
    (tmp_path / "tiny.gguf.part.json").write_text(json.dumps({"url": files.url + "/tiny.gguf", "etag": ""}))
    run(at_url(files, model), tmp_path, files)
    assert (tmp_path / "tiny.gguf").read_bytes() == model


def test_whole_part_is_only_checked(files: FileServer, model: bytes, tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf.part").write_bytes(model)
    (tmp_path / "tiny.gguf.part.json").write_text(json.dumps({"url": files.url + "/tiny.gguf", "etag": ""}))
    told = run(at_url(files, model, size_bytes=len(model)), tmp_path, files)
    assert "fetching" not in {one.phase for one in told}
    assert (tmp_path / "tiny.gguf").read_bytes() == model


def test_connection_that_never_gets_anywhere_is_given_up(
    files: FileServer, model: bytes, tmp_path: Path
) -> None:
    files.breaks["/tiny.gguf"] = [0] * 50
    with pytest.raises(FetchError, match="cannot be reached"):
        run(at_url(files, model), tmp_path, files)
    assert len(files.gets("/tiny.gguf")) == 3


def test_wrong_hash_keeps_nothing(files: FileServer, model: bytes, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="hash differs"):
        run(at_url(files, model, sha256="0" * 64), tmp_path, files)
    assert names(tmp_path) == set()


def test_file_that_is_no_model_keeps_nothing(files: FileServer, tmp_path: Path) -> None:
    page = b"<html>Please sign in</html>"
    with pytest.raises(FetchError, match="is not a GGUF model file"):
        run(at_url(files, page), tmp_path, files)
    assert names(tmp_path) == set()


def test_next_source_is_tried_and_all_reasons_are_told(
    files: FileServer, model: bytes, tmp_path: Path
) -> None:
    missing = {"kind": "url", "url": files.url + "/gone.gguf"}
    hash_of = {"sha256": sha(model)}
    with FileServer() as other:
        dead = {"kind": "url", "url": other.url + "/tiny.gguf"}
    with pytest.raises(FetchError) as failed:
        run(entry(missing, dead, **hash_of), tmp_path, files)
    assert "404" in failed.value.message
    assert "cannot be reached" in failed.value.message
    good = at_url(files, model)
    run(entry(missing, good.sources[0].model_dump(), **hash_of), tmp_path, files)
    assert (tmp_path / "tiny.gguf").read_bytes() == model


def test_hub_tells_size_hash_and_licence(files: FileServer, model: bytes, tmp_path: Path) -> None:
    told = run(on_hub(files, model), tmp_path, files)
    assert (tmp_path / "tiny.gguf").read_bytes() == model
    assert {one.total_bytes for one in told if one.phase == "fetching"} == {len(model)}
    card = json.loads((tmp_path / "tiny.gguf.json").read_text())
    assert card["licence"] == "mit"
    assert card["origin"] == f"{files.url}/{REPO}"
    assert (card["sha256"], card["hash_known"]) == (sha(model), True)


def test_file_is_held_to_the_hubs_hash(files: FileServer, model: bytes, tmp_path: Path) -> None:
    wanted = on_hub(files, model)
    files.files["/store/tiny"] = model[:-1] + b"!"
    with pytest.raises(FetchError, match="hash differs"):
        run(wanted, tmp_path, files)
    assert names(tmp_path) == set()


def test_hub_with_another_file_than_the_known_one_is_not_asked_for_it(
    files: FileServer, model: bytes, tmp_path: Path
) -> None:
    with pytest.raises(FetchError, match="another file than the known one"):
        run(on_hub(files, model, sha256="0" * 64), tmp_path, files)
    assert not files.gets("/store/tiny")


def test_renamed_repository_is_followed(files: FileServer, model: bytes, tmp_path: Path) -> None:
    on_hub(files, model)
    files.redirects["/old/Name/resolve/main/tiny.gguf"] = RESOLVE
    run(entry({"kind": "hub", "repo": "old/Name", "file": "tiny.gguf"}), tmp_path, files)
    assert json.loads((tmp_path / "tiny.gguf.json").read_text())["hash_known"]


def test_missing_repository_is_told(files: FileServer, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="404"):
        run(entry({"kind": "hub", "repo": "no/one", "file": "tiny.gguf"}), tmp_path, files)


def test_reach_of_the_hub(files: FileServer) -> None:
    assert hub.reachable(files.url)
    with FileServer() as gone:
        url = gone.url
    assert not hub.reachable(url)
    assert not hub.reachable("no address")


def test_full_disk_is_told_before_anything_is_fetched(
    files: FileServer, model: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10, 10, 1000))
    with pytest.raises(SetupError, match=r"needs 0\.2 GB more on the disk"):
        run(on_hub(files, model), tmp_path, files)
    assert not (tmp_path / "tiny.gguf").exists()


def test_file_in_an_installed_package_is_taken_over(files: FileServer, tmp_path: Path) -> None:
    wanted = entry({"kind": "installed", "package": "no_such_package_here", "file": "tiny.gguf"})
    with pytest.raises(FetchError, match="not installed"):
        run(wanted, tmp_path, files)


def test_removed_model_leaves_nothing(files: FileServer, model: bytes, tmp_path: Path) -> None:
    wanted = at_url(files, model)
    run(wanted, tmp_path, files)
    (tmp_path / "tiny.gguf.part").write_bytes(b"rest")
    remove(wanted, tmp_path)
    assert names(tmp_path) == set()
    remove(wanted, tmp_path)


def test_default_hub_is_a_setting() -> None:
    assert downloads.DEFAULT_HUB.startswith("https://")
