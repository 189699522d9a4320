"""The command line from the inside: exit codes, and what is said where."""

import json
from pathlib import Path
from typing import Any

import pytest

from app import logs
from app.commands import options
from app.main import run_command


@pytest.fixture(autouse=True)
def close_the_log(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(options, "_logs", [])
    yield
    logs.tear_down()


def run(*arguments: str, data: Path | None = None) -> int:
    return run_command([*arguments, *(["--data", str(data)] if data else [])])


def test_help_is_quick_to_give_and_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    shown = capsys.readouterr().out
    for command in (
        "run",
        "chat",
        "personas",
        "memories",
        "import",
        "export",
        "reflect",
        "reindex",
        "model",
        "doctor",
    ):
        assert f"  {command}" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["memories", "search"],
        ["memories", "list", "--limit", "none"],
        ["run", "--port", "99999"],
        ["--flag-that-is-not"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(arguments) == 2
    assert "Error:" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["run"]])
def test_without_a_command_it_runs(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[dict[str, object]] = []

    def serve(_paths: object, **how: object) -> int:
        served.append(how)
        return 0

    monkeypatch.setattr("app.server.serve", serve)
    assert run_command([*arguments, "--data", str(tmp_path), "--port", "7900", "--no-browser"]) == 0
    assert served == [{"host": "127.0.0.1", "port": 7900, "browser": False, "model": None}]


def test_a_known_error_is_one_line_and_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("memories", "forget", "nothing", data=tmp_path) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "There is no such memory any more.\n"


def test_an_unforeseen_error_is_one_line_without_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("Ida is allergic to walnuts")

    monkeypatch.setattr("app.services.personas.PersonaService.list", broken)
    assert run("personas", data=tmp_path) == 1
    told = capsys.readouterr().err
    log = tmp_path / "logs" / "keepsake.log"
    assert told == (
        "Something went wrong on our side (ZeroDivisionError). "
        f"What was stored before is kept; see {log} for more.\n"
    )
    logs.tear_down()
    assert "ZeroDivisionError" in log.read_text()
    assert "walnuts" not in log.read_text()


def test_ctrl_c_is_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.services.personas.PersonaService.list", interrupted)
    assert run("personas", data=tmp_path) == 130


def test_a_memory_is_added_listed_changed_forgotten_and_brought_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def json_of(*arguments: str) -> Any:
        assert run(*arguments, "--json", data=tmp_path) == 0
        return json.loads(capsys.readouterr().out)

    added = json_of("memories", "add", "Ida keeps eleven hives.", "--persona", "juno")
    assert added.keys() >= {"id", "text", "granularity", "state", "trust", "said_on"}
    assert json_of("memories", "list") == []
    assert json_of("memories", "list", "--persona", "Juno") == [added]
    assert run("memories", "edit", added["id"], "Ida keeps twelve hives.", data=tmp_path) == 0
    capsys.readouterr()
    newest, oldest = json_of("memories", "history", added["id"])
    assert (newest["before"], newest["after"]) == ("Ida keeps eleven hives.", "Ida keeps twelve hives.")
    assert oldest["action"] == "add"
    assert run("memories", "forget", added["id"], data=tmp_path) == 0
    undo = capsys.readouterr().out.rsplit(" ", 1)[1].strip()
    assert json_of("memories", "list", "--persona", "juno") == []
    assert run("memories", "undo", undo, data=tmp_path) == 0
    capsys.readouterr()
    assert [one["text"] for one in json_of("memories", "list", "--persona", "juno")] == [
        "Ida keeps twelve hives."
    ]


def test_starting_to_learn_over_says_what_was_let_go_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("memories", "relearn", "--persona", "juno", data=tmp_path) == 0
    assert capsys.readouterr().out == "There was nothing learnt to let go of.\n"


def test_an_unknown_persona_is_named_with_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("memories", "list", "--persona", "bob", data=tmp_path) == 1
    assert capsys.readouterr().err == "There is no persona bob. There are: mira, anselm, juno.\n"


def test_personas_and_models_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("personas", data=tmp_path) == 0
    assert capsys.readouterr().out.startswith("mira")
    assert run("model", "list", "--json", data=tmp_path) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"name", "size", "licence", "memory_words"} <= listed["models"][0].keys()
    assert listed["current"]["is_starter"]


def test_a_model_is_chosen_and_a_file_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    (tmp_path / "note.gguf").write_text("no model")
    assert run("model", "use", str(tmp_path / "note.gguf"), data=data) == 1
    assert capsys.readouterr().err.startswith("note.gguf is not a GGUF model file.")
    assert run("model", "use", "none", data=data) == 0
    assert json.loads((data / "settings.json").read_text()) == {"model": {"source": "none"}}
    capsys.readouterr()
    assert run("model", "use", "gpt-9", data=data) == 1
    assert "no known model" in capsys.readouterr().err
    assert json.loads((data / "settings.json").read_text()) == {"model": {"source": "none"}}


def test_a_broken_settings_file_stops_a_command_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "settings.json").write_text('{"colour": "blue"}')
    assert run("personas", data=tmp_path) == 1
    assert "colour" in capsys.readouterr().err


def test_the_folder_comes_from_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEEPSAKE_HOME", str(tmp_path / "home"))
    assert run("personas") == 0
    assert (tmp_path / "home" / "keepsake.db").is_file()
    capsys.readouterr()
