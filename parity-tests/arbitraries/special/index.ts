import type { ArgumentsFor } from '../generators.ts';

/** The generators written for one operation each, by qualified name. */
export const SPECIAL: Readonly<Record<string, ArgumentsFor>> = {};
