#!/bin/sh
# `start.sh FILE [OPTION]…` unpacks what pack.ts has packed beside this script, measures, and writes the results to FILE.
set -eu
packed=$(cd "$(dirname "$0")" && pwd)
work=${TMPDIR:-/tmp}/mlx-router-gpu
if [ ! -e "$work/ready" ]; then
  for name in mlx node project; do
    mkdir -p "$work/$name"
    # Python has xz where the system may not.
    python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2], filter="tar")' \
      "$packed/$name.tar.xz" "$work/$name" &
  done
  wait
  # MLX looks for CUDA's libraries beside itself.
  cuda=$(python3 -c 'import nvidia; print(next(iter(nvidia.__path__)))' 2>/dev/null || true)
  if [ -n "$cuda" ]; then ln -s "$cuda" "$work/mlx/nvidia"; fi
  touch "$work/ready"
fi
libraries="$work/mlx/mlx/lib:$work/project/build/blas"
for folder in "$work"/mlx/nvidia/*/lib; do libraries="$libraries:$folder"; done
export PATH="$work/node:$PATH"
export PYTHONPATH="$work/mlx"
export LD_LIBRARY_PATH="$libraries:${LD_LIBRARY_PATH:-}"
export MLX_ROUTER_PYTHON=python3
exec node "$work/project/dist/bench/gpu/main.js" "$@"
