import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MlxRouterError } from '../../foundation/errors/errors.ts';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { publicName } from '../../registry/registry.ts';
import { workerError } from '../requests/failures.ts';
import type { Header } from '../wire/msgpack.ts';
import type { OperationTable } from '../wire/operation-table.ts';
import type { Batch } from './batch.ts';
import type { Failure } from './span.ts';

/** Failures that poisoned tensors may still lead to; an older one is thrown as the worker reports it, without a call site. */
const MOST_KEPT = 1024;

/** Operations that failed after their call had returned, by the batch and record that a poisoned tensor names. */
export class Failures {
  readonly #operations: OperationTable;
  readonly #kept = new Map<string, Failure>();

  constructor(operations: OperationTable) {
    this.#operations = operations;
  }

  /** Takes one failure of an answer to a batch. */
  add(worker: number, header: Header, batch: Batch): Failure {
    const error = this.#errorOf(header);
    const [, record] = header['origin'] as [number, number];
    locate(error, batch, record);
    const failure: Failure = { error, seen: false };
    this.#kept.set(keyOf(worker, header), failure);
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value as string);
    return failure;
  }

  /** The error of an operation whose poisoned result was used. */
  errorOf(worker: number, header: Header): MlxRouterError {
    const failure = this.#kept.get(keyOf(worker, header));
    if (failure === undefined) return this.#errorOf(header);
    failure.seen = true;
    return failure.error;
  }

  #errorOf(header: Header): MlxRouterError {
    const operation = this.#operations.operationOf(Number(header['op']));
    if (operation !== undefined && header['kind'] === 'unresolved') {
      this.#operations.markUnresolved([header['op']]);
    }
    return workerError(header, operation === undefined ? undefined : publicName(operation));
  }
}

function keyOf(worker: number, header: Header): string {
  return `${worker} ${String(header['origin'])}`;
}

/** Puts the place of the call in front of the place where the error came to light. */
function locate(error: MlxRouterError, batch: Batch, record: number): void {
  const site = batch.siteOf(record);
  const frames = framesOf(site?.trace.stack);
  const text = `${error.name}: ${error.message}`;
  if (site === undefined || frames === '') return;
  const distance = record - site.record;
  const where = distance === 0 ? '' : `\n    up to ${distance} operations after the call`;
  Object.defineProperty(error, 'stack', { value: `${text}${where}\n${frames}`, configurable: true, writable: true });
}

const ROOMS = ['mlx', 'io', 'runtime', 'router', 'backend', 'registry', 'foundation', 'python-bridge'];
let ownFolders: readonly string[] | undefined;

/** The rooms as this file is beside them and as maps of sources name them, and what is published of them. */
function findOwnFolders(): string[] {
  const root = packageRoot();
  const url: string | undefined = import.meta.url;
  const roots = url === undefined ? [root] : [root, fileURLToPath(new URL('../../', url))];
  const rooms = roots.flatMap((folder) => ROOMS.map((room) => join(folder, room)));
  return [...rooms, join(root, 'dist')].map((folder) => folder + sep);
}

/** Whether the frame is one of the library's own, or of Node's below it. In a bundle of an application none is told apart. */
function isOwn(frame: string): boolean {
  ownFolders ??= findOwnFolders();
  return ownFolders.some((folder) => frame.includes(folder)) && !/\.(?:test|test-d)\.ts:/.test(frame);
}

/** The frames of a trace from the caller's own on. */
function framesOf(stack: string | undefined): string {
  const frames = (stack ?? '').split('\n').slice(1);
  const first = frames.findIndex((frame) => !isOwn(frame));
  return first === -1 ? '' : frames.slice(first).join('\n');
}
