"""The direct line: which way frames come and go, in which order, and what wakes the other end."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Pipe
from mlx_router_worker.direct import ANSWERS, REQUESTS, DirectLine
from mlx_router_worker.frames import Frame, FrameReader, FrameType, FrameWriter, encode_head

LIMIT = 1 << 20


class Ends:
    """A line with both of its channels, seen from the worker's parent."""

    def __init__(self, folder: Path, requests: Pipe, answers: Pipe) -> None:
        self.requests = requests
        self.answers = FrameReader(answers.read_end, LIMIT)
        self.writer = FrameWriter(answers.write_end, LIMIT)
        self.line = DirectLine(str(folder), FrameReader(requests.read_end, LIMIT), self.writer)
        self.writer.line = self.line
        self.direct_requests = os.open(folder / REQUESTS, os.O_WRONLY)
        self.direct_answers = os.open(folder / ANSWERS, os.O_RDONLY)

    def send(self, kind: int, call: int, direct: bool) -> None:
        descriptor = self.direct_requests if direct else self.requests.write_end
        os.write(descriptor, encode_head(kind, call, {}, 0, LIMIT))

    def next(self) -> Frame:
        frame = self.line.read()
        assert frame is not None
        return frame

    def close(self) -> None:
        self.line.close()
        os.close(self.direct_requests)
        os.close(self.direct_answers)


def reported(reader: FrameReader) -> tuple[int, int]:
    frame = reader.read()
    assert frame is not None
    return frame.type, frame.call


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Ends]:
    requests, answers = Pipe(), Pipe()
    made = Ends(tmp_path, requests, answers)
    yield made
    made.close()
    requests.close_all()
    answers.close_all()


def test_an_answer_goes_the_way_on_which_its_request_came(ends: Ends) -> None:
    direct = FrameReader(ends.direct_answers, LIMIT)
    ends.send(FrameType.EVAL, 1, True)
    assert ends.next().call == 1
    ends.send(FrameType.EVAL, 2, False)
    assert ends.next().call == 2
    ends.writer.write(FrameType.CALLBACK, 9, {}, request=1)
    ends.writer.write(FrameType.CALLBACK, 8, {}, request=2)
    ends.writer.write(FrameType.RESULT, 2, {})
    ends.writer.write(FrameType.RESULT, 1, {}, memoryview(b"abc"))
    # The number is free for a request on the other way.
    ends.writer.write(FrameType.RESULT, 1, {})
    assert [reported(ends.answers) for _ in range(3)] == [(0xB0, 8), (0x82, 2), (0x82, 1)]
    assert reported(direct) == (0xB0, 9)
    assert direct.read() == Frame(FrameType.RESULT, 1, {}, memoryview(b"abc"))


def test_numbers_of_callbacks_are_none_of_requests(ends: Ends) -> None:
    ends.send(FrameType.CALLED, 5, True)
    assert ends.next().call == 5
    ends.writer.write(FrameType.RESULT, 5, {})
    assert ends.answers.read() == Frame(FrameType.RESULT, 5, {}, memoryview(b""))


def test_what_is_on_the_line_goes_first(ends: Ends) -> None:
    ends.send(FrameType.FREE, 0, False)
    ends.send(FrameType.EVAL, 1, True)
    ends.send(FrameType.EVAL, 2, True)
    assert [ends.next().call for _ in range(3)] == [1, 2, 0]


def test_rings_when_it_comes_back_to_its_requests(ends: Ends) -> None:
    ends.send(FrameType.RING, 0, True)
    ends.send(FrameType.EVAL, 3, True)
    assert ends.next().call == 3
    assert ends.answers.read() == Frame(FrameType.BELL, 0, {}, memoryview(b""))


def test_rings_when_there_is_no_room_for_an_answer(ends: Ends) -> None:
    payload = bytes(range(256)) * 2048
    ends.send(FrameType.READ, 1, True)
    ends.next()
    writing = threading.Thread(
        target=ends.writer.write, args=(FrameType.RESULT, 1, {}, memoryview(payload)), daemon=True
    )
    writing.start()
    assert ends.answers.read() == Frame(FrameType.BELL, 0, {}, memoryview(b""))
    assert FrameReader(ends.direct_answers, LIMIT).read() == Frame(FrameType.RESULT, 1, {}, memoryview(payload))
    writing.join(20)
    assert not writing.is_alive()


def test_ends_with_the_other_channel(ends: Ends) -> None:
    ends.send(FrameType.EVAL, 1, True)
    ends.requests.close(ends.requests.write_end)
    assert ends.next().call == 1
    assert ends.line.read() is None


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, pipe: Pipe) -> None:
    with pytest.raises(OSError, match="No such file"):
        DirectLine(str(tmp_path / "none"), FrameReader(pipe.read_end, LIMIT), FrameWriter(pipe.write_end, LIMIT))
