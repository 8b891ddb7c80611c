"""Memory shared with the parent: regions stay inside it, and what cannot be had is an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlx_router_worker.arena import Arena, ArenaError


def arena(folder: Path, size: int = 4096) -> Arena:
    (folder / "arena").touch()
    made = Arena()
    made.map(str(folder / "arena"), size)
    return made


def test_shares_the_bytes_of_the_file(tmp_path: Path) -> None:
    made = arena(tmp_path)
    made.view([8, 3])[:] = b"abc"
    assert (tmp_path / "arena").read_bytes()[8:11] == b"abc"
    made.close()


@pytest.mark.parametrize("region", [[-1, 4], [0, 4097], [4096, 1], [0, -1], [1 << 62, 1]])
def test_refuses_regions_outside(region: list[int], tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="there are no"):
        arena(tmp_path).view(region)


def test_has_no_regions_before_it_is_mapped() -> None:
    with pytest.raises(ArenaError):
        Arena().view([0, 1])


def test_names_what_it_cannot_map(tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="cannot have 4096 bytes"):
        Arena().map(str(tmp_path / "missing"), 4096)
    (tmp_path / "arena").touch()
    with pytest.raises(ArenaError, match="cannot have 0 bytes"):
        Arena().map(str(tmp_path / "arena"), 0)


def test_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "target").touch()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(ArenaError):
        Arena().map(str(tmp_path / "link"), 4096)


def test_replaces_the_file_before(tmp_path: Path) -> None:
    made = arena(tmp_path)
    (tmp_path / "larger").touch()
    made.map(str(tmp_path / "larger"), 8192)
    assert len(made.view([0, 8192])) == 8192
    made.close()
