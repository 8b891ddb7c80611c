// The platforms that get a package of their own. `native-backend/addon/platforms.ts` looks for these names.

/** @type {Record<string, { os: string, cpu: string, libc?: string, what: string }>} */
export const targets = {
  'linux-x64': { os: 'linux', cpu: 'x64', libc: 'glibc', what: 'Linux with glibc on x86-64' },
  'linux-arm64': { os: 'linux', cpu: 'arm64', libc: 'glibc', what: 'Linux with glibc on arm64' },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64', what: 'macOS on Apple silicon' },
};

/** Those with a second package, which lets the first one run on the libmlx of MLX's wheel for CUDA 13. */
export const cudaTargets = ['linux-x64', 'linux-arm64'];

export const packageName = (target) => `@mlx-router/${target}`;
export const cudaName = (target) => `${packageName(target)}-cuda13`;
