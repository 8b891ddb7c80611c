/// <reference types="node" preserve="true" />
/** MLX for Node.js: one API over a native addon and a pool of Python workers. */

import { nativeBackend, registry as operations, pythonBackend, router } from '../runtime/runtime.ts';
import * as core from './core.ts';
import { registerModule } from './nn/register-module.ts';
import { call, callAsync, register, type UserCall } from './operations/operations.ts';
import { warnIfLoadedBefore } from './settings/loaded-once.ts';

export * from '../foundation/errors/errors.ts';
export type { Configuration } from '../router/settings/settings.ts';
export type { ShadowReport } from '../router/telemetry/shadow.ts';
export type { Tally } from '../router/telemetry/telemetry.ts';
export { mxArraysEqual } from './arrays/equality.ts';
export { configure, onShadow, type PoolStatistics, pythonPool, routing, shutdown } from './settings/settings.ts';
export type { UserCall };
export { core };

// A bundle in the form of CommonJS has no such address.
warnIfLoadedBefore(import.meta.url ?? 'a bundle');

/** Which operations there are, and how to add your own. */
export const registry = {
  register,
  registerModule,
  call,
  callAsync,
  all: () => operations.all(),
  /** The architectures of language models, once `mlx-router/lm` is imported. */
  models: () => operations.models(),
  find: (name: string) => operations.find(name),
};

/** For `mlx-router/lm` and tools that look inside: `doctor`, parity, benchmarks. Not part of the stable API. */
export const internals = { router, nativeBackend, pythonBackend };
