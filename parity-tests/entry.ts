/// <reference types="node" preserve="true" />
/** `mlx-router/parity`: tests of operations and modules of your own. */
import { requirePackage } from '../foundation/system/optional-package.ts';

requirePackage('fast-check', '4', 'mlx-router/parity');

// Only now: the import of what is missing would fail without a word on what to do.
const parity = await import('./index.ts');
export const { array, assert, assertModule, calls, check, checkModule, modules } = parity;
export type { ArrayOptions, CheckOptions, OwnCalls, OwnModule } from './index.ts';
