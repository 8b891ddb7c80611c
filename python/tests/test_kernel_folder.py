from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys, tempfile
from mlx_router_worker.workarounds.kernel_folder import set_kernel_folder
set_kernel_folder(sys.argv[1])
import mlx.core as mx
x = mx.arange(4.0)
mx.eval(mx.compile(lambda a: mx.sin(mx.exp(a)) * 2 + a)(x))
print(tempfile.gettempdir())
"""


def test_mlx_compiles_into_the_folder_and_python_keeps_its_own(tmp_path: Path) -> None:
    kernels, temporary = tmp_path / "kernels", tmp_path / "temporary"
    kernels.mkdir()
    temporary.mkdir()
    environment = {
        **os.environ,
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    command = [sys.executable, "-c", PROGRAM, str(kernels)]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == str(temporary)
    assert not (temporary / "mlx").exists()
    # Without a C++ compiler, or on a GPU, there is nothing to keep.
    assert sorted(path.name for path in kernels.iterdir()) in ([], ["mlx"])
