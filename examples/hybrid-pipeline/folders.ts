import { fileURLToPath } from 'node:url';

/** Where `topology.py` is. */
export const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Where the example's own step installs GUDHI, apart from what the library uses. */
export const SITE = fileURLToPath(new URL('../../build/hybrid-pipeline/site/', import.meta.url));
