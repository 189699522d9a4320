import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.models.catalogue import Entry
from app.models.sources.progress import FetchProgress as Step
from app.services import fetching
from app.services.models import ModelService
from app.services.preferences import PreferencesService
from app.settings import load_settings
from graphs.errors import ModelError
from graphs.ports import Skill, Stop
from personas.errors import NotFoundError, SetupError, UserError
from tests.app.world import World
from tests.fakes import tiny_gguf

Make = Callable[..., ModelService]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf.build(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture
def make(world: World) -> Iterator[Make]:
    made: list[ModelService] = []

    def build(this_time: str | None = None) -> ModelService:
        preferences = PreferencesService(world.paths, load_settings(world.paths.settings))
        made.append(ModelService(preferences, world.paths.models, world.paths.states, this_time=this_time))
        return made[-1]

    yield build
    for service in made:
        service.close()


def test_at_first_the_starter_answers_and_is_named_for_what_it_is(make: Make) -> None:
    state = make().current()
    assert state.is_starter
    assert state.state == "idle"
    assert "makes things up" in state.words


def test_a_model_is_chosen_for_good_or_for_this_time(make: Make, tiny: Path, world: World) -> None:
    state = make().use(str(tiny))
    assert (state.name, state.state, state.target) == ("tiny", "idle", f"file:{tiny}")
    assert make().current().name == "tiny"
    assert make("none").current().state == "none"
    assert load_settings(world.paths.settings).model.source == f"file:{tiny}"


def test_what_is_no_model_is_refused_and_the_old_one_stays(make: Make, tiny: Path, tmp_path: Path) -> None:
    service = make()
    service.use(str(tiny))
    (tmp_path / "bad.gguf").write_text("no model")
    with pytest.raises(ModelError, match="not a GGUF"):
        service.use(str(tmp_path / "bad.gguf"))
    with pytest.raises(NotFoundError, match="no known model"):
        service.use("gpt-9")
    with pytest.raises(ModelError, match="not been fetched"):
        service.use("qwen3-4b")
    with pytest.raises(ModelError):
        service.use("http://127.0.0.1:9")
    assert service.current().name == "tiny"


def test_a_model_that_has_gone_is_missing_and_recall_goes_on(make: Make, tiny: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(tiny.read_bytes())
    make().use(str(mine))
    mine.unlink()
    service = make()
    state = service.current()
    assert state.state == "missing"
    assert "There is no model file" in state.words
    assert service.model().info.skill is Skill.NONE


def test_loading_it_makes_it_ready_and_changing_it_does_not_end_the_owner(make: Make, tiny: Path) -> None:
    service = make()
    service.use(str(tiny))
    owner = service.model()
    service.load()
    assert service.current().state == "ready"
    service.use("none")
    assert service.model() is owner
    assert owner.info.skill is Skill.NONE
    assert service.current().state == "none"


def test_a_model_that_works_in_a_reply_is_ready(make: Make, tiny: Path) -> None:
    service = make(str(tiny))
    service.model()
    service.worked()
    assert service.current().state == "ready"


def test_the_list_says_what_is_there_and_what_suits(make: Make) -> None:
    lines = make().catalogue()
    assert [line.name for line in lines if line.in_use] == ["starter"]
    assert sum(line.recommended for line in lines) == 1
    assert all(line.licence for line in lines)
    assert next(line for line in lines if line.name == "starter").size_words == "98 MB"


def fake_fetch(go_on: threading.Event, ended: list[str]) -> Callable[..., Iterator[Step]]:
    """A download that waits in its middle."""

    def fetch(entry: Entry, models: Path, *, stop: Stop, hub: str) -> Iterator[Step]:
        yield Step("fetching", 1, 2, "half")
        go_on.wait(20)
        if stop.is_set():
            ended.append("stopped")
            yield Step("stopped", 1, 2, "Stopped.")
            return
        ended.append("done")
        yield Step("done", 2, 2, f"{entry.title} is there in {models.name}.")

    return fetch


def test_a_download_goes_on_when_nobody_watches_and_can_be_watched_again(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, ended = threading.Event(), list[str]()
    monkeypatch.setattr(fetching, "fetch", fake_fetch(go_on, ended))
    service = make()
    first = service.fetch("qwen3-4b")
    while next(first).done != 1:
        pass
    first.close()  # type: ignore[attr-defined]
    now = service.fetching()
    assert now is not None
    assert (now.name, now.share) == ("qwen3-4b", 0.5)
    with pytest.raises(UserError, match="Another model"):
        service.fetch("qwen2.5-1.5b")
    again = service.fetch("qwen3-4b")
    go_on.set()
    assert [step.finished for step in again][-1]
    assert ended == ["done"]
    assert service.fetching() is None


def test_a_download_can_be_cancelled(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, ended = threading.Event(), list[str]()
    monkeypatch.setattr(fetching, "fetch", fake_fetch(go_on, ended))
    service = make()
    steps = service.fetch("qwen3-4b")
    next(steps)
    service.cancel_fetch()
    go_on.set()
    assert not any(step.finished for step in steps)
    assert ended == ["stopped"]


def test_a_failed_download_is_told_to_who_watches(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(*_: object, **__: object) -> Iterator[Step]:
        yield Step("asking", 0, 0, "asking")
        raise SetupError("The disk is full.", "Free some space.")

    monkeypatch.setattr(fetching, "fetch", fetch)
    with pytest.raises(SetupError, match="disk is full"):
        list(make().fetch("qwen3-4b"))
    with pytest.raises(NotFoundError):
        make().fetch("nothing-of-the-kind")


def test_a_try_tells_how_quick_the_model_is_here(make: Make, tiny: Path) -> None:
    service = make(str(tiny))
    assert not service.current().pace_words
    pace = service.try_out()
    assert pace is not None
    assert service.current().pace_words.startswith("Here it reads about ")
    service.use("none")
    assert not service.current().pace_words
    with pytest.raises(UserError, match="no model to try"):
        service.try_out()


def test_how_models_run_can_be_chosen_and_a_wrong_value_is_refused(
    make: Make, tiny: Path, world: World
) -> None:
    service = make()
    service.use(str(tiny))
    before = service.model()
    state = service.run_with(thinking=True, context_tokens=1024)
    assert (state.name, service.model().info.context_tokens) == ("tiny", 1024)
    assert service.model() is before
    kept = load_settings(world.paths.settings).model
    assert (kept.thinking, kept.context_tokens, kept.source) == (True, 1024, f"file:{tiny}")
    with pytest.raises(SetupError, match="context_tokens"):
        service.run_with(context_tokens=7)
    assert service.model().info.context_tokens == 1024
    view = service.running()
    assert (view.thinking, view.gpu, view.gpu_layers) == (True, False, None)
    assert "no graphics card" in view.build_words


def test_a_model_that_cannot_go_back_says_so(make: Make, tmp_path: Path) -> None:
    state = make().use(str(tiny_gguf.build_recurrent(tmp_path / "state.gguf")))
    assert "cannot go back" in state.words
