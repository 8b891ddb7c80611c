"""What a worker leaves behind when it ends, with its parent or without it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ENTRY = Path(__file__).parents[1] / "mlx_worker.py"
# Descriptor 3 is the heartbeat, which `pass_fds` cannot renumber.
START = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execv(sys.executable, [sys.executable, sys.argv[2]])"


@pytest.mark.parametrize("parent_lives", [True, False])
def test_leave_removes_the_parents_folder_only_without_the_parent(tmp_path: Path, parent_lives: bool) -> None:
    folder = tmp_path / "link" / "1"
    folder.mkdir(parents=True)
    ours, its = socket.socketpair()
    worker = subprocess.Popen(
        [sys.executable, "-c", START, str(its.fileno()), str(ENTRY)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "MLX_ROUTER_WORKER_FOLDER": str(folder)},
        pass_fds=[its.fileno()],
        start_new_session=True,
    )
    its.close()
    assert worker.stdin is not None
    if not parent_lives:
        ours.close()
    worker.stdin.close()
    worker.wait(60)
    ours.close()
    assert not folder.exists()
    assert folder.parent.exists() is parent_lives
