"""Which MLX the guards are loaded for."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from mlx_router_worker.workarounds.guards import _is_installed, load_guards

if TYPE_CHECKING:
    from pytest import CaptureFixture


def test_guards_of_a_package_serve_one_version_of_one_distribution() -> None:
    assert _is_installed(f"msgpack=={version('msgpack')}")
    assert not _is_installed("msgpack==0.0.1")
    assert not _is_installed("no-such-distribution==1.0")


def test_guards_for_another_mlx_are_not_loaded() -> None:
    assert load_guards("/nonexistent/guards.so", "no-such-distribution==1.0") is None
    assert load_guards("/nonexistent/guards.so", "/nonexistent/mlx/lib") is None
    assert load_guards(None, "mlx-cpu==0.32.2") is None


def test_a_library_that_cannot_be_loaded_is_reported(capsys: CaptureFixture[str]) -> None:
    assert load_guards("/nonexistent/guards.so", f"msgpack=={version('msgpack')}") is None
    assert "cannot load the guards /nonexistent/guards.so" in capsys.readouterr().err
