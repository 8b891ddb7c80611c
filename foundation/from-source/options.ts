/** Options of Node that let it run a program of this checkout from its TypeScript source, wherever it is started. */
export const SOURCE_OPTIONS: readonly string[] = ['--import', new URL('./register.mjs', import.meta.url).href];
