"""Bytes into tensors and back, and the table that keeps them."""

import mlx.core as mx
import pytest
from mlx_router_worker.tensor_bytes import CODES, DTYPES, from_bytes, to_bytes
from mlx_router_worker.tensors import TensorTable, UnknownTensorError


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_bytes_come_back_as_they_went(dtype: mx.Dtype) -> None:
    data = bytes(i % 2 if dtype == mx.bool_ else (i * 37) % 120 for i in range(6 * dtype.size))
    tensor = from_bytes(memoryview(data), [2, 3], CODES[dtype])
    assert (tensor.dtype, tensor.shape) == (dtype, (2, 3))
    assert bytes(to_bytes(tensor)) == data


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_tensors_may_be_empty_or_have_no_axes(dtype: mx.Dtype) -> None:
    assert bytes(to_bytes(from_bytes(memoryview(b""), [0, 2], CODES[dtype]))) == b""
    data = b"\x01" * dtype.size
    assert bytes(to_bytes(from_bytes(memoryview(data), [], CODES[dtype]))) == data


def test_a_tensor_keeps_nothing_of_the_buffer() -> None:
    data = bytearray(b"\x01\x02\x03\x04")
    tensor = from_bytes(memoryview(data), [4], CODES[mx.uint8])
    data[:] = b"\x00" * 4
    assert tensor.tolist() == [1, 2, 3, 4]


def test_strided_tensors_are_written_row_major() -> None:
    tensor = mx.arange(6).reshape(2, 3).T[::-1]
    assert mx.array(memoryview(to_bytes(tensor)).cast("i")).tolist() == [2, 5, 1, 4, 0, 3]  # type: ignore[arg-type]


def test_double_precision_is_kept() -> None:
    tensor = from_bytes(memoryview(bytes.fromhex("9a9999999999b93f")), [], CODES[mx.float64])
    assert tensor.item() == 0.1


def test_the_codes_are_those_of_the_dtypes_in_order() -> None:
    assert [str(dtype) for dtype in DTYPES][:3] == ["mlx.core.bool", "mlx.core.uint8", "mlx.core.uint16"]
    assert len(CODES) == 14


def test_own_numbers_are_negative_dense_and_used_again() -> None:
    table = TensorTable()
    tensor = mx.array(1)
    assert [table.add(tensor), table.add(tensor)] == [-1, -2]
    table.put(5, tensor)
    table.free([-1, 5, 99])
    assert (table.add(tensor), len(table)) == (-1, 2)
    with pytest.raises(UnknownTensorError):
        table.get(5)


def test_a_tensor_that_could_not_be_made_gives_the_reason_when_it_is_used() -> None:
    table = TensorTable()
    table.fail(3, MemoryError("no room"))
    with pytest.raises(MemoryError, match="no room"):
        table.get(3)
    table.free([3])
    with pytest.raises(UnknownTensorError, match="no tensor 3"):
        table.get(3)


def test_empty_tensors_stay_in_the_graphs_of_transforms_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlx.core.default_device", lambda: mx.gpu)
    table = TensorTable()
    first_of_none = mx.custom_function(lambda x: x[:0])
    first_of_none.vjp(lambda x, cotangent, output: 2 * x)

    def gradient() -> object:
        given = [mx.array([1.5, -2.0])]
        return mx.vjp(lambda x: table.get(table.add(first_of_none(x))), given, [mx.zeros(0)])[1][0].tolist()  # type: ignore[arg-type]

    with table.transforming():
        with table.transforming():
            pass
        assert gradient() == [3.0, -4.0]
    assert gradient() == [0.0, 0.0]
