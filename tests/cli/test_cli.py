"""What every command line does alike: help, errors, exit codes, streams."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from headstart.cli import main
from headstart.cli.table import COMMANDS
from tests.cli.command import ENTRY, headstart


def command_that(body: str) -> str:
    """Code that runs `headstart probe` where the command `probe` does what `body` says."""
    return "\n".join(
        [
            "import sys",
            "from headstart.cli import main, table",
            "from headstart.cli.options import Common",
            "from headstart.cli.output import show",
            "from headstart.core.errors import DataError",
            "def probe(common: Common) -> int:",
            textwrap.indent(textwrap.dedent(body), "    "),
            "table.COMMANDS['probe'] = table.Command('__main__:probe', '')",
            "sys.exit(main(['probe', *sys.argv[1:]]))",
        ]
    )


def test_help_lists_every_command_and_imports_none() -> None:
    code = f"{ENTRY.replace('sys.exit(main())', 'main()')}; print(sorted(sys.modules), file=sys.stderr)"
    ended = headstart("--help", code=code)
    for name, command in COMMANDS.items():
        assert f"{name} " in ended.stdout
        assert command.summary in ended.stdout
    imported = set(json.loads(ended.stderr.replace("'", '"')))
    heavy = {"typer", "rich", "pydantic", "numpy", "torch", "pyarrow", "importlib.metadata"}
    assert not imported & heavy
    assert not imported & {command.target.partition(":")[0] for command in COMMANDS.values()}


def test_version() -> None:
    ended = headstart("--version")
    assert (ended.returncode, ended.stdout) == (0, "headstart 0.1.0\n")


def test_without_a_command_it_shows_the_help_and_fails() -> None:
    ended = headstart()
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "Usage: headstart COMMAND" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["doctr"], "Unknown command 'doctr'. Did you mean 'doctor'?"),
        (["--json", "doctor"], "'--json' comes before the command."),
        (["doctor", "--sede", "1"], "Unknown option '--sede'. Did you mean '--seed'?"),
        (["doctor", "--seed", "many"], "Invalid value for '--seed'"),
        (["doctor", "--seed"], "'--seed' requires an argument."),
        (["doctor", "photos"], "unexpected extra argument"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("Error: ")
    assert said in output.err


@pytest.mark.parametrize("returned", [0, 1])
def test_a_command_decides_between_done_and_check_failed(returned: int) -> None:
    assert headstart(code=command_that(f"return {returned}")).returncode == returned


def test_an_error_of_ours_shows_all_problems_and_no_traceback() -> None:
    ended = headstart(code=command_that("raise DataError(['No a.', 'No b.'], hint='Give both.')"))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "Error:\n- No a.\n- No b.\nGive both.\n"


def test_what_the_system_refuses_is_no_bug() -> None:
    body = "raise OSError(28, 'No space left on device', '/full/run.json')"
    ended = headstart(code=command_that(body))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Error: /full/run.json cannot be used: No space left on device.\nMake room")
    ended = headstart(code=command_that("raise OSError(5, 'Input/output error')"))
    assert ended.returncode == 70


def test_a_bug_names_the_file_with_the_traceback(tmp_path: Path) -> None:
    ended = headstart("--seed", "7", code=command_that("return 1 // 0"), TMPDIR=str(tmp_path), HEADSTART_DEBUG="")
    assert ended.returncode == 70
    assert "This is a bug in Headstart: ZeroDivisionError" in ended.stderr
    assert "Traceback" not in ended.stderr
    (report,) = tmp_path.glob("headstart-*.txt")
    assert str(report) in ended.stderr
    assert "Traceback" in report.read_text()
    assert "['probe', '--seed', '7']" in report.read_text()


def test_a_bug_shows_its_traceback_when_debugging(tmp_path: Path) -> None:
    ended = headstart(code=command_that("return 1 // 0"), TMPDIR=str(tmp_path), HEADSTART_DEBUG="1")
    assert ended.returncode == 70
    assert "Traceback" in ended.stderr
    assert not list(tmp_path.glob("headstart-*.txt"))


@pytest.mark.skipif(os.name == "nt", reason="a process cannot be sent the interrupt of a terminal on Windows")
def test_an_interrupt_is_one_sentence() -> None:
    # A shell starts what it runs in the background with interrupts ignored, and the tests may be run like that.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code = command_that("print('ready', file=sys.stderr, flush=True); import time; time.sleep(60)")
    process = subprocess.Popen([sys.executable, "-c", heed + code], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "Interrupted.\n")


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is no error of its own on Windows")
@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_that_goes_away_is_no_error(lines: int) -> None:
    code = command_that(f"show(None, 'x\\n' * {lines}, common=common)")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(30) == 141
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_said(unbuffered: str) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-c", ENTRY, "--version"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: The result could not be written to standard output: No space left")


@pytest.mark.parametrize(
    "environment", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}]
)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_terminal_that_cannot_show_a_name_gets_an_escape(environment: dict[str, str], stream: str) -> None:
    code = command_that(f"print('caf\\u00e9 \\udcff', file=sys.{stream})")
    ended = headstart(code=code, **environment)
    assert ended.returncode == 0
    assert ended.stderr == "caf\\xe9 \\udcff\n"


def test_the_network_is_forbidden_before_the_command_is_imported(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(
        "import os\nseen = os.environ.get('HF_HUB_OFFLINE')\n"
        "from headstart.cli.options import Common\nfrom headstart.cli.output import show\n"
        "def late(common: Common) -> None:\n    show(seen, str(seen), common=common)\n"
    )
    code = (
        "import sys; from headstart.cli import main, table; table.COMMANDS['late'] = table.Command('late:late', '');"
        "sys.exit(main(sys.argv[1:]))"
    )
    settings = {"HF_HUB_OFFLINE": "", "HEADSTART_OFFLINE": "", "PYTHONPATH": str(tmp_path)}
    assert headstart("late", code=code, **settings).stdout == "\n"
    assert headstart("late", "--offline", code=code, **settings).stdout == "1\n"


def test_the_code_of_models_runs_only_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(
        "from headstart.core.runtime import code_allowed\n"
        "from headstart.cli.options import Common\nfrom headstart.cli.output import show\n"
        "def late(common: Common) -> None:\n    show(code_allowed(), str(code_allowed()), common=common)\n"
    )
    code = (
        "import sys; from headstart.cli import main, table; table.COMMANDS['late'] = table.Command('late:late', '');"
        "sys.exit(main(sys.argv[1:]))"
    )
    settings = {"HEADSTART_ALLOW_CODE": "", "PYTHONPATH": str(tmp_path)}
    assert headstart("late", code=code, **settings).stdout == "False\n"
    assert headstart("late", "--allow-code", code=code, **settings).stdout == "True\n"
