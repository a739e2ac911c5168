"""What holds for every command: help, options before and after, messages, exit codes, streams, start-up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ledger_cli import boundary, lazy
from ledger_cli.app import app
from ledger_cli.catalogue import CATALOGUE, Command, Group
from ledger_cli.language import speak
from tests.cli.runner import M1, Custody

PROGRAM = [sys.executable, "-c", "from ledger_cli.app import main; main()"]


def commands() -> dict[tuple[str, ...], Command]:
    """Every command by its words."""
    found: dict[tuple[str, ...], Command] = {}
    for word, known in CATALOGUE.items():
        if isinstance(known, Group):
            found |= {(word, name): command for name, command in known.commands.items()}
        else:
            found[(word,)] = known
    return found


def run(*words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("CUSTODY_", "LC_", "LANG"))
    }
    return subprocess.run(
        [*PROGRAM, *map(str, words)], capture_output=True, env=clean | environment, check=False
    )


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_help_and_examples(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "160", "CUSTODY_LANG": "en"})
    assert result.exit_code == 0, result.output
    known = commands()[words]
    assert known.help in result.output
    assert "--ledger" in result.output and "--json" in result.output
    module = lazy.loaded(lazy.Stub(words[-1], known))
    assert module.examples.startswith(f"custody {' '.join(words)}") or "custody " in module.examples
    assert module.examples in result.output.replace("\n  ", "\n")
    own = [param for param in module.params if param.name != "help"]
    names = [opt for param in own for opt in param.opts if opt.startswith("-")]
    assert len(names) == len(set(names)), "an option stands twice"


@pytest.mark.parametrize("word", [word for word, known in CATALOGUE.items() if isinstance(known, Group)])
def test_a_group_alone_shows_its_commands(word: str) -> None:
    result = CliRunner().invoke(app, [word], env={"CUSTODY_LANG": "en"})
    assert result.exit_code == 2 and all(name in result.output for name in CATALOGUE[word].commands)  # type: ignore[union-attr]
    assert "Error" not in result.output


def test_the_program_alone_shows_help() -> None:
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 2 and all(word in result.output for word in CATALOGUE)
    assert CliRunner().invoke(app, ["--version"]).output.startswith("custody-ledger ")


def test_ledger_and_json_before_after_and_from_the_environment(custody: Custody, tmp_path: Path) -> None:
    ledger = str(custody.ledger)
    expected = custody.ok("merchant", "list", "--json").out
    for words, environment in (
        (["--ledger", ledger, "--json", "merchant", "list"], {}),
        (["merchant", "list", "--ledger", ledger, "--json"], {}),
        (["--ledger", str(tmp_path), "merchant", "list", "--json", "--ledger", ledger], {}),
        (["merchant", "list", "--json"], {"CUSTODY_LEDGER": ledger}),
    ):
        result = CliRunner().invoke(app, words, env=environment)
        assert (result.exit_code, result.stdout) == (0, expected), words


@pytest.mark.parametrize(
    ("words", "field", "english", "chinese"),
    [
        (("goods", "sel"), None, "did you mean sell, seal?", "是否要用 sell, seal？"),
        (("init",), "DIR", "is needed and missing", "必须给出"),
        (("init", "x"), "--origin", "is needed and missing", "必须给出"),
        (("merchant", "list", "--colour"), "--colour", "no such option", "没有此选项"),
        (("verify", "--sinze=3"), "--sinze", "did you mean --json, --signatures, --since?", "是否要用"),
        (("demo", "--weeks"), "--weeks", "a value has to follow", "其后须有一个值"),
        (("demo", "--json=3"), "--json", "no value can be given", "不能带值"),
        (("demo", "a", "b"), None, "more than the command takes: b", "多出了该命令不用的参数：b"),
        (("demo", "--weeks", "0"), "--weeks", "from 1 to 52, not 0", "1 到 52 的整数"),
        (
            ("key", "revoke", "x", "--reason", "y", "--compromised-from", "z"),
            "--compromised-from",
            "a whole number, not z",
            "应为整数，而不是 z",
        ),
        (("--json",), None, "name a command", "请写明命令"),
        (("merchant", "list", "--lang", "fr"), "--lang", "there is no language 'fr'", "没有"),
    ],
)
def test_usage_errors(words: tuple[str, ...], field: str | None, english: str, chinese: str) -> None:
    told = CliRunner().invoke(app, words, env={"CUSTODY_LANG": "en"})
    if "--json" not in words:
        assert told.exit_code == 2 and english in told.stderr, told.output
    if "--lang" not in words and "--json" not in words:
        assert told.stderr.startswith("Error UsageError: ")
        spoken = CliRunner().invoke(app, words, env={"CUSTODY_LANG": "zh"}).stderr
        assert spoken.startswith("错误 用法错误（UsageError）：") and chinese in spoken, spoken
    as_json = CliRunner().invoke(app, ["--json", *words], env={"CUSTODY_LANG": "en"})
    error = json.loads(as_json.stderr)["error"]
    assert as_json.exit_code == 2 and error["code"] == "UsageError" and error["field"] == field
    assert english in error["message"] and chinese in error["zh"]


def test_where_to_read_on_after_a_usage_error() -> None:
    for words in (["goods", "sel"], ["init"], ["merchant", "list", "--colour"]):
        assert "--help" in CliRunner().invoke(app, words).stderr


def test_a_message_for_people_has_code_title_place_and_remedy(stocked: Custody) -> None:
    answer = stocked.run("goods", "sell", "-m", M1, "-l", "B1=99kg")
    assert answer.out == "" and answer.code == 1
    assert answer.err.startswith("Error CustodyRefused: body.lines[0].quantity: 99 kg of batch B1")
    answer = stocked.run("goods", "sell", "-m", M1, "-l", "B1=1stone", "--buyer", "nobody")
    first, *problems = answer.err.splitlines()
    assert first == "Error BodyInvalid:"
    assert [line.strip().split(":")[0] for line in problems] == [
        "body.buyer.type",
        "body.lines[0].quantity.unit",
    ]
    assert "must be one of" in problems[0]
    answer = stocked.run("goods", "sell", "-m", M1, "-l", "B1=1stone", "--buyer", "nobody", "--lang", "zh")
    first, *problems = answer.err.splitlines()
    assert first == "错误 内容不合要求（BodyInvalid）：" and "只能是" in problems[0]
    assert "must" not in answer.err


def test_chinese_in_the_c_locale(custody: Custody) -> None:
    for locale in (
        {"LANG": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX"},
    ):
        listed = run("--ledger", custody.ledger, "merchant", "list", **locale)
        assert listed.returncode == 0 and "二里岗冷库" in listed.stdout.decode(), locale
        assert "进口货物监管台账" in run("--help", **locale).stdout.decode()
        assert "错误" in run("goods", "sel", **locale).stderr.decode()


def test_bytes_that_are_no_text_are_refused_in_words(custody: Custody) -> None:
    words = [
        "merchant",
        "enroll",
        M1,
        "--name",
        b"\xff\xfe",
        "--key",
        "operator",
        "--ledger",
        str(custody.ledger),
    ]
    environment = os.environ | {"CUSTODY_LANG": "en"}
    result = subprocess.run(
        [*PROGRAM, *words],  # type: ignore[list-item]
        capture_output=True,
        check=False,
        env=environment,
    )
    assert result.returncode in (1, 2) and b"Traceback" not in result.stderr
    assert result.stderr.decode().startswith("Error ")


def test_tables_are_whole_in_a_pipe(custody: Custody) -> None:
    out = custody.ok("key", "list").out
    assert M1 in out and "Supervisor" in out and "\x1b" not in out


def test_a_reader_that_goes_away(custody: Custody) -> None:
    script = f"'{sys.executable}' -c 'from ledger_cli.app import main; main()' --ledger '{custody.ledger}' key list"
    result = subprocess.run(
        ["bash", "-c", f"{script} | true; echo ${{PIPESTATUS[0]}}"], capture_output=True, check=False
    )
    assert result.stdout.decode().strip() in ("0", "141") and result.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_output_that_cannot_be_written(custody: Custody) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [*PROGRAM, "--ledger", str(custody.ledger), "key", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=os.environ | {"CUSTODY_LANG": "zh"},
            check=False,
        )
    assert result.returncode == 2
    assert result.stderr.decode() == "错误 系统错误（SystemError）：磁盘空间已满\n"
    assert result.stderr.count(b"\n") == 1


def test_failures_nobody_foresaw(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ZeroDivisionError("division\nby zero")

    speak("en")
    assert boundary.guarded(fail, as_json=False) == 2
    assert capsys.readouterr().err == (
        "Error InternalError: ZeroDivisionError: division (CUSTODY_DEBUG=1 shows where)\n"
    )
    assert boundary.guarded(fail, as_json=True) == 2
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "InternalError"
    monkeypatch.setenv("CUSTODY_DEBUG", "1")
    assert boundary.guarded(fail, as_json=False) == 2 and "Traceback" in capsys.readouterr().err


def test_interruption(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    for name, told in (("en", "Interrupted\n"), ("zh", "已中断\n")):
        speak(name)
        assert boundary.guarded(interrupt, as_json=False) == 130
        assert capsys.readouterr().err == told
    assert boundary.guarded(lambda: 130, as_json=False) == 130  # how typer reports it
    assert boundary.guarded(lambda: None, as_json=False) == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs to become another user")
def test_a_ledger_one_may_only_read(template: Path) -> None:
    sell = ("goods", "sell", "-m", M1, "-l", "B1=1kg")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        ledger = Custody(Path(folder) / "erligang")
        shutil.copytree(template, ledger.ledger)
        ledger.ok(
            "merchant", "list"
        )  # loads what the child will need: it may not be able to read the program
        ledger.run(*sell)
        for path in (ledger.ledger, *ledger.ledger.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            listed, sold = ledger.run("merchant", "list"), ledger.run(*sell, "--json")
            good = listed.code == 0 and (sold.code, sold.error["code"]) == (2, "StoreReadOnly")
            sys.__stderr__.write("" if good else f"{listed} {sold}\n")  # type: ignore[union-attr]
            os._exit(0 if good else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_help_loads_nothing_of_the_ledger() -> None:
    script = (
        "import sys; sys.argv = ['custody', '--help']\n"
        "from ledger_cli.app import app\n"
        "try: app()\n"
        "except SystemExit: pass\n"
        "heavy = {'ledger.errors', 'ledger.log', 'ledger_schemas', 'pydantic', 'sqlalchemy', 'cryptography'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert result.stdout.decode().splitlines()[-1] == "[]"


def test_completion_knows_the_commands() -> None:
    environment = {"_CUSTODY_COMPLETE": "complete_bash", "COMP_WORDS": "custody goods ", "COMP_CWORD": "2"}
    words = run(**environment).stdout.decode().split()
    assert {"receive", "hand-over", "accept", "sell", "dispose", "adjust"} <= set(words)
    environment |= {"COMP_WORDS": "custody goods sell --buy", "COMP_CWORD": "3"}
    assert "--buyer-name" in run(**environment).stdout.decode().split()
