import { describe, expect, it } from 'vitest';
import { MLX_VERSION } from '../../foundation/system/pins.ts';
import { cudaRepair } from './cuda-advice.ts';

const name = '@mlx-router/linux-x64-cuda';
const missing = (library: string) =>
  `/c/mlx_router.node: ${library}: cannot open shared object file: No such file or directory`;

describe('where the package for GPUs of NVIDIA is of no use', () => {
  it.each([
    [`found no mlx-cuda-13 ${MLX_VERSION} in /site`, /mlx-router python install --device cuda.*MLX_ROUTER_MLX/],
    [missing('libcuda.so.1'), /the driver of NVIDIA is not there.*580.*--gpus all/],
    [missing('libnccl.so.2'), new RegExp(`lacks a library of CUDA.*pip install mlx-cuda-13==${MLX_VERSION}"`)],
    [missing('libcublasLt.so.13'), /lacks a library of CUDA/],
    ["/c/libmlx.so: /lib/libm.so.6: version `GLIBC_2.35' not found", /needs glibc 2\.35/],
    ['there is no folder of this user alone for links: let XDG_CACHE_HOME name one', /make such a folder/],
    ['belongs to mlx-router 1.0.0, and this is 1.2.3', /npm install @mlx-router\/linux-x64-cuda@1\.2\.3/],
  ])('%s: the repair is named', (cause, repair) => {
    expect(cudaRepair(name, cause, '1.2.3')).toMatch(repair);
  });
});
