"""Frames against the vectors that both ends share, and against streams that are cut or wrong."""

import json
import os
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import Pipe
from mlx_router_worker.frames import (
    PREFIX,
    Frame,
    FrameReader,
    FrameType,
    FrameWriter,
    ProtocolError,
    encode_head,
)

VECTORS = json.loads((Path(__file__).parents[2] / "python-bridge" / "wire" / "vectors.json").read_text("utf8"))
LIMIT = 1 << 20


def read_all(pipe: Pipe, data: bytes, step: int) -> list[Frame]:
    def feed() -> None:
        for at in range(0, len(data), step):
            os.write(pipe.write_end, data[at : at + step])
        pipe.close(pipe.write_end)

    thread = threading.Thread(target=feed)
    thread.start()
    reader = FrameReader(pipe.read_end, LIMIT)
    frames = []
    while (frame := reader.read()) is not None:
        frames.append(frame)
    thread.join()
    return frames


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_reads_the_shared_vectors(vector: dict[str, Any], pipe: Pipe) -> None:
    (frame,) = read_all(pipe, bytes.fromhex(vector["hex"]), LIMIT)
    assert (frame.type, frame.call, frame.header) == (vector["type"], vector["call"], vector["header"])
    assert frame.payload.hex() == vector["payload"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["from"] == "python"], ids=lambda vector: vector["name"])
def test_writes_the_shared_vectors(vector: dict[str, Any], pipe: Pipe) -> None:
    payload = memoryview(bytes.fromhex(vector["payload"]))
    FrameWriter(pipe.write_end, LIMIT).write(vector["type"], vector["call"], vector["header"], payload)
    assert os.read(pipe.read_end, LIMIT).hex() == vector["hex"]


def test_knows_the_types_of_the_vectors() -> None:
    assert {vector["type"] for vector in VECTORS} == set(FrameType)


@pytest.mark.parametrize("step", [1, 2, 5, 13, 14, 100])
def test_a_stream_may_be_cut_anywhere(step: int, pipe: Pipe) -> None:
    frames = read_all(pipe, b"".join(bytes.fromhex(vector["hex"]) for vector in VECTORS), step)
    assert [frame.header for frame in frames] == [vector["header"] for vector in VECTORS]
    assert [frame.payload.hex() for frame in frames] == [vector["payload"] for vector in VECTORS]


def test_large_payloads_pass_both_ways(pipe: Pipe) -> None:
    payload = random.Random(1).randbytes(3_000_000)
    writer = FrameWriter(pipe.write_end, 1 << 24)
    thread = threading.Thread(target=writer.write, args=(FrameType.RESULT, 7, {"v": 1}, memoryview(payload)))
    thread.start()
    frame = FrameReader(pipe.read_end, 1 << 24).read()
    thread.join()
    assert frame is not None
    assert bytes(frame.payload) == payload


@pytest.mark.parametrize("length", [0, 8])
def test_a_frame_too_short_for_itself_is_refused(length: int, pipe: Pipe) -> None:
    os.write(pipe.write_end, PREFIX.pack(length, FrameType.CALL, 1, 0))
    with pytest.raises(ProtocolError, match="cannot hold"):
        FrameReader(pipe.read_end, LIMIT).read()


def test_a_frame_over_the_limit_is_refused_before_memory_is_taken_for_it(pipe: Pipe) -> None:
    os.write(pipe.write_end, PREFIX.pack(0xFFFFFFFF, FrameType.CALL, 1, 0))
    with pytest.raises(ProtocolError, match="over the limit"):
        FrameReader(pipe.read_end, LIMIT).read()
    with pytest.raises(ProtocolError, match="over the limit"):
        encode_head(FrameType.RESULT, 1, {}, LIMIT, LIMIT)


@pytest.mark.parametrize("header", [b"\xc1", b"\x93\x01\x02\x03", b"\x81\xa1", b"\xff" * 5])
def test_a_header_of_anything_but_a_map_is_refused(header: bytes, pipe: Pipe) -> None:
    os.write(pipe.write_end, PREFIX.pack(9 + len(header), FrameType.CALL, 1, len(header)) + header)
    with pytest.raises(ProtocolError):
        FrameReader(pipe.read_end, LIMIT).read()


@pytest.mark.parametrize("kept", [3, 13, 15])
def test_the_end_inside_a_frame_is_an_error(kept: int, pipe: Pipe) -> None:
    with pytest.raises(ProtocolError, match="ended inside"):
        read_all(pipe, bytes.fromhex(VECTORS[0]["hex"])[:kept], LIMIT)


def test_the_end_between_frames_is_no_error(pipe: Pipe) -> None:
    assert read_all(pipe, b"", 1) == []
