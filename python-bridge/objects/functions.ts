import { Keywords } from '../../backend/remote-objects.ts';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { type Argument, Callback, type Result } from '../../foundation/values/values.ts';
import type { PythonWorker } from '../requests/call.ts';
import type { Asking } from './asking.ts';
import { ValueDecoder } from './decoder.ts';
import { type Functions, type Surroundings, ValueEncoder } from './encoder.ts';

const LABEL = 'a JavaScript function that Python called';

type Runnable = (...args: unknown[]) => unknown;

/** JavaScript functions that objects in Python may call: they get and give the values that calls of objects do. */
export class FunctionTable implements Functions {
  readonly #surroundings: () => Surroundings;
  readonly #asking: () => Asking;
  /** The same function is the same callback in one worker. */
  readonly #known = new WeakMap<Runnable, WeakMap<PythonWorker, Callback>>();

  constructor(surroundings: () => Surroundings, asking: () => Asking) {
    this.#surroundings = surroundings;
    this.#asking = asking;
  }

  callback(run: Runnable, worker: PythonWorker): Callback {
    let callbacks = this.#known.get(run);
    if (callbacks === undefined) {
      callbacks = new WeakMap();
      this.#known.set(run, callbacks);
    }
    let callback = callbacks.get(worker);
    if (callback === undefined) {
      callback = new Callback((args) => this.#run(run, worker, args));
      callbacks.set(worker, callback);
    }
    return callback;
  }

  /** Python gives two arguments: the list of positions and the map of keywords. */
  async #run(run: Runnable, worker: PythonWorker, [positions, named]: readonly Result[]): Promise<Argument> {
    const decoder = new ValueDecoder(this.#surroundings(), worker);
    const args = decoder.value(positions) as unknown[];
    const keywords = Object.entries(named ?? {}).map(([name, value]) => [name, decoder.value(value)]);
    if (keywords.length > 0) args.push(new Keywords(Object.fromEntries(keywords), {}));
    const value = await run(...args);
    for (;;) {
      const encoder = new ValueEncoder(this.#surroundings(), worker, LABEL, refuseFunction);
      const encoded = encoder.value(value);
      if (encoder.payload.length > 0) {
        throw new ArgumentError('a function cannot give a typed array to Python; give an mx.array', {
          operation: LABEL,
        });
      }
      if (encoder.foreign.size === 0) return textual(encoded);
      await this.#asking().bring(encoder.foreign, worker);
    }
  }
}

function refuseFunction(): never {
  throw new ArgumentError('a function cannot give another function to Python', { operation: LABEL });
}

/** Bytes as text: these frames contain no others. */
function textual(value: unknown): Argument {
  if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('latin1') };
  if (Array.isArray(value)) return value.map(textual);
  if (typeof value !== 'object' || value === null) return value as Argument;
  return Object.fromEntries(Object.entries(value).map(([tag, content]) => [tag, textual(content)]));
}
