import { fileURLToPath } from 'node:url';

/** Where `peers.py` is. */
export const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Where the pages and the other simulator go, apart from what the library uses. */
export const FOLDER = fileURLToPath(new URL('../../build/quantum/', import.meta.url));
export const SITE = fileURLToPath(new URL('../../build/quantum/site/', import.meta.url));
