/// <reference types="node" preserve="true" />
/** MLX for Node.js: one API over a native addon and a pool of Python workers. */
import * as core from './core.ts';
import { warnIfLoadedBefore } from './loaded-once.ts';
import { call, callAsync, register, type UserCall } from './operations.ts';
import { nativeBackend, registry as operations, pythonBackend, router } from './runtime.ts';

export * from '../registry/errors.ts';
export type { Configuration } from '../router/settings.ts';
export type { ShadowReport } from '../router/shadow.ts';
export type { Tally } from '../router/telemetry.ts';
export { mxArraysEqual } from './equality.ts';
export { configure, onShadow, type PoolStatistics, pythonPool, routing, shutdown } from './settings.ts';
export type { UserCall };
export { core };

warnIfLoadedBefore(import.meta.url);

/** Which operations there are, and how to add your own. */
export const registry = {
  register,
  call,
  callAsync,
  all: () => operations.all(),
  find: (name: string) => operations.find(name),
};

/** For tools that look inside: `doctor`, parity, benchmarks. Not part of the stable API. */
export const internals = { router, nativeBackend, pythonBackend };
