"""Each fault of MLX that we work around is still there: `docs/workarounds.md` has them, and says what each gives."""

import ast
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "workarounds.md"
ROOMS = ("native-backend/src/workarounds", "native-backend/workarounds", "python/mlx_router_worker/workarounds")
CODE = re.compile(r"`([^`]+)`")

# What a reproduction may use. One that hangs is ended by an alarm, and a small stack makes deep recursion cheap.
PRELUDE = """
import ast, math, os, resource, signal, sys, tempfile, time
from functools import reduce
import mlx.core as mx

resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
signal.alarm(int(sys.argv[2]))

def repeated(count, function):
    for _ in range(count):
        function()

def failed(function):
    try:
        function()
    except Exception as error:
        return type(error).__name__
    return "no error"

program = ast.parse(sys.argv[1])
last = program.body.pop() if isinstance(program.body[-1], ast.Expr) else None
space = globals()
exec(compile(program, "reproduction", "exec"), space)
if last is not None:
    print(repr(eval(compile(ast.Expression(last.value), "reproduction", "eval"), space)))
"""
# Seconds until a reproduction counts as hanging, and for one that does not.
HANGS = 2
ENDS = 120
# What is read out of bounds is chance: one of the reproductions shows its fault in two of three processes.
TRIES = 10


class Fault(NamedTuple):
    """A row of the page."""

    name: str
    code: str
    # The names of signals, `hangs`, or what is printed last.
    gives: list[str]
    files: str


def faults() -> list[Fault]:
    found = []
    for line in PAGE.read_text("utf8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) >= 4 and cells[2].startswith("`"):
            name, _, code, gives, *files = cells
            found.append(Fault(name, code.strip("`"), CODE.findall(gives), " ".join(files)))
    return found


def outcome(fault: Fault, folder: Path) -> str:
    """Run the reproduction in a Python that has MLX alone; its kernels and files go into the folder."""
    seconds = HANGS if fault.gives == ["hangs"] else ENDS
    command = [sys.executable, "-c", PRELUDE, fault.code, str(seconds)]
    environment = {**os.environ, "TMPDIR": str(folder)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=2 * ENDS)
    if ended.returncode == -signal.SIGALRM:
        return "hangs"
    if ended.returncode < 0:
        return signal.Signals(-ended.returncode).name
    lines = (ended.stdout if ended.returncode == 0 else ended.stderr).splitlines()
    last = lines[-1].strip() if lines else ""
    return last if ended.returncode == 0 else last.partition(":")[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults")


@pytest.mark.skipif(sys.platform != "linux", reason="the page says what MLX gives on the CPU of Linux")
@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.name)
def test_mlx_still_has(fault: Fault, folder: Path) -> None:
    found = ""
    for _ in range(TRIES):
        found = outcome(fault, folder)
        if found in fault.gives:
            break
    assert found in fault.gives, (
        f"MLX has fixed this, or fails in another way: {fault.code} gave {found}, not {' or '.join(fault.gives)}. "
        f"Remove the workaround, where this was all that it is for, and the row of {PAGE.name}: {fault.files}"
    )


def test_a_reproduction_that_shows_no_fault_is_noticed(folder: Path) -> None:
    assert outcome(Fault("right", "mx.add(1, 2).item()", ["4"], ""), folder) == "3"
    assert outcome(Fault("refused", "mx.reshape(mx.ones(2), (3,))", ["SIGSEGV"], ""), folder) == "ValueError"
    assert outcome(Fault("quick", "mx.ones(2).tolist()", ["hangs"], ""), folder) == "[1.0, 1.0]"


def test_the_page_has_each_file_of_the_rooms() -> None:
    page = PAGE.read_text("utf8")
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in (".cc", ".ts", ".py")]
    assert len(files) > 20
    names = [path.relative_to(ROOT).as_posix() for path in files if path.name != "__init__.py"]
    assert [name for name in names if ".test." not in name and f"(../{name})" not in page] == []


def test_the_page_can_be_read() -> None:
    assert len(faults()) > 30
    for fault in faults():
        assert fault.gives, fault.name
        ast.parse(fault.code)
