// The platforms that get a package of their own. `foundation/system/installation.ts` looks for these names.

/** @type {Record<string, { os: string, cpu: string, libc?: string, what: string }>} */
export const targets = {
  'linux-x64': { os: 'linux', cpu: 'x64', libc: 'glibc', what: 'Linux with glibc on x86-64' },
  'linux-arm64': { os: 'linux', cpu: 'arm64', libc: 'glibc', what: 'Linux with glibc on arm64' },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64', what: 'macOS on Apple silicon' },
};

/**
 * Those with a package for GPUs of NVIDIA beside, with the addon alone: MLX comes from its wheel, BLAS from the platform's
 * package. `foundation/system/cuda-package.ts` looks for these names.
 * @type {Record<string, { os: string, cpu: string, libc?: string, what: string, beside: string }>}
 */
export const cudaTargets = Object.fromEntries(
  ['linux-x64', 'linux-arm64'].map((target) => {
    const { what, ...system } = targets[target];
    return [`${target}-cuda`, { ...system, what: `GPUs of NVIDIA, CUDA 13, on ${what}`, beside: target }];
  }),
);

export const packageName = (target) => `@mlx-router/${target}`;
