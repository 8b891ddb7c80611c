import { fileURLToPath } from 'node:url';

export { BLAS, MODEL, SITE } from '../chat-demo/folders.ts';

/** The texts that are learned: this repository's own documentation. */
export const DOCUMENTS = fileURLToPath(new URL('../../docs/', import.meta.url));
/** Everything that the example writes. */
export const WORK = fileURLToPath(new URL('../../build/lora-demo/', import.meta.url));
/** What Python computes. */
export const REFERENCE = fileURLToPath(new URL('reference.py', import.meta.url));
