import { MLX_VERSION } from '../../foundation/system/pins.ts';

/** The driver that CUDA 13 asks for, and the C library that MLX's wheel for it does. */
const OLDEST = { driver: '580', glibc: '2.35' };

const WHEEL = `mlx-cuda-13==${MLX_VERSION}`;

/** The command or the change that makes the package for GPUs of NVIDIA usable here, by why it is not. */
export function cudaRepair(name: string, cause: string, version: string): string {
  const pip = `"python3 -m pip install ${WHEEL}"`;
  if (cause.includes('found no mlx-cuda')) {
    return `install MLX with "npx mlx-router python install --device cuda" or ${pip}, or let MLX_ROUTER_MLX name the folder that has it`;
  }
  if (/libcuda\.so/.test(cause)) {
    return `the driver of NVIDIA is not there: install version ${OLDEST.driver} or newer, or give the container its GPUs, as with "docker run --gpus all"`;
  }
  if (/lib(?:nccl|cublas|cublasLt|cufft|nvrtc|cudnn|cudart|nvJitLink)\b/.test(cause)) {
    return `the wheel of MLX lacks a library of CUDA: install all that it needs with ${pip}`;
  }
  if (/version `(?:GLIBC|GLIBCXX|CXXABI)_/.test(cause)) {
    return `the C or C++ library of this system is too old: MLX for CUDA needs glibc ${OLDEST.glibc}, as in Debian 12 and Ubuntu 22.04`;
  }
  if (cause.includes('XDG_CACHE_HOME')) return 'make such a folder';
  return `install it again with "npm install ${name}@${version}"`;
}
