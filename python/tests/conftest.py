"""What the tests of the worker share."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from mlx_router_worker.dispatch import Dispatcher
from mlx_router_worker.frames import Frame, FrameType
from pets_module import Ask, module


class Pipe:
    """A pipe, the ends of which are closed after the test."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()
        self._open = {self.read_end, self.write_end}

    def close(self, descriptor: int) -> None:
        if descriptor in self._open:
            self._open.remove(descriptor)
            os.close(descriptor)

    def close_all(self) -> None:
        for descriptor in list(self._open):
            self.close(descriptor)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.close_all()


class Answers:
    """In place of a FrameWriter."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, dict[str, Any]]] = []

    def write(self, kind: int, _call: int, header: dict[str, Any], _payload: memoryview | None = None) -> None:
        self.frames.append((kind, header))


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def dispatcher(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Dispatcher:
    """One that may import the module of the tests."""
    monkeypatch.setitem(sys.modules, "pets", module)
    return Dispatcher(None, answers, ["pets"])  # type: ignore[arg-type]


@pytest.fixture
def ask(dispatcher: Dispatcher, answers: Answers) -> Ask:
    """Sends a request and gives the header of its answer."""

    def send(kind: int, payload: bytes = b"", **header: Any) -> dict[str, Any]:
        dispatcher.dispatch(Frame(kind, 7, header, memoryview(payload)))
        return answers.frames[-1][1]

    return send


@pytest.fixture
def pets(ask: Ask) -> int:
    """The number of the module of the tests in the worker."""
    number, title = ask(FrameType.IMPORT, module="pets")["v"]["r"]
    assert title == "module pets"
    return int(number)
