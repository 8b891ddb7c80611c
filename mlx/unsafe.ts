/// <reference types="node" preserve="true" />
/**
 * Things that can crash the process, or read and write memory that is not theirs: kernels of your own source, and the
 * memory of arrays itself. Nothing here is checked as the rest of the library is.
 */
export {
  type CudaKernelOptions,
  cudaKernel,
  type KernelCall,
  type KernelOptions,
  type MetalKernelOptions,
  metalKernel,
} from './unsafe/kernels.ts';
export { address, memory } from './unsafe/memory.ts';
export { type PrecompiledCudaKernelOptions, precompiledCudaKernel } from './unsafe/precompiled.ts';
