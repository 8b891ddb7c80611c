import { fileURLToPath } from 'node:url';

// biome-ignore lint/suspicious/noExplicitAny: most tests are about what types would forbid.
export type Untyped = any;

/** Settings that let Python import `pets.py` of this folder. */
export const WITH_PETS = { pythonModules: ['pets'], pythonFolders: [fileURLToPath(new URL('.', import.meta.url))] };
