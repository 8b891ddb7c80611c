import { ProtocolError } from '../../foundation/errors/errors.ts';
import { dtypeOfCode } from '../../foundation/values/dtypes.ts';
import { Complex } from '../../foundation/values/values.ts';
import type { PythonWorker } from '../requests/call.ts';
import { decodeDescription } from '../wire/values.ts';
import type { Surroundings } from './encoder.ts';

/** Data is nested at most half as deep, so deeper answers are a mistake of the worker. */
const MOST_LEVELS = 250;

function wrong(what: string): never {
  throw new ProtocolError(`the worker's answer has ${what}`);
}

/** The values in answers of one worker. */
export class ValueDecoder {
  readonly #in: Surroundings;
  readonly #worker: PythonWorker;

  constructor(surroundings: Surroundings, worker: PythonWorker) {
    this.#in = surroundings;
    this.#worker = worker;
  }

  value(value: unknown, level = 0): unknown {
    if (level > MOST_LEVELS) return wrong(`more than ${MOST_LEVELS} levels`);
    if (typeof value !== 'object' || value === null) return value ?? null;
    if (Array.isArray(value)) return this.#list(value, level);
    // In memory of its own, and without the methods of a Buffer.
    if (value instanceof Uint8Array) return new Uint8Array(value);
    const [entry, ...more] = Object.entries(value);
    if (entry === undefined || more.length > 0) return wrong('a map that is no value');
    const [tag, content] = entry as [string, unknown];
    switch (tag) {
      case 't':
        return this.#tensor(content);
      case 'r':
        return this.#object(content);
      case 'm':
        return this.#dict(this.#list(content, level));
      case 'T':
        return this.#list(content, level);
      case 'S':
        return new Set(this.#list(content, level));
      case 'I':
        return hexadecimal(content);
      case 'u':
        return utf16(this.value(content));
      case 'b':
        return new Uint8Array(Buffer.from(String(content), 'latin1'));
      case 'c':
        return complex(content);
      case 'd':
        return dtypeOfCode(Number(content));
      default:
        return wrong(`a value of the unknown sort "${tag}"`);
    }
  }

  #list(items: unknown, level: number): unknown[] {
    return Array.isArray(items) ? items.map((item) => this.value(item, level + 1)) : wrong('no list where one is');
  }

  #dict(parts: readonly unknown[]): unknown {
    const entries: [unknown, unknown][] = [];
    for (let i = 0; i + 1 < parts.length; i += 2) entries.push([parts[i], parts[i + 1]]);
    // A property of any name, `__proto__` too, is one of the object's own this way.
    if (entries.every(([key]) => typeof key === 'string')) return Object.fromEntries(entries as [string, unknown][]);
    return new Map(entries);
  }

  #tensor(content: unknown): unknown {
    const { port, tensors } = this.#in;
    const [id, ...description] = Array.isArray(content) ? (content as unknown[]) : [];
    if (!Number.isInteger(id) || (id as number) >= 0) return wrong('a tensor without a number of its own');
    const [dtype, shape] = decodeDescription(description);
    return port.tensor(tensors.adopt(tensors.reserve(), id as number, this.#worker, { dtype, shape }));
  }

  #object(content: unknown): unknown {
    const { port, objects } = this.#in;
    const [number, title] = Array.isArray(content) ? (content as unknown[]) : [];
    if (!Number.isInteger(number)) return wrong('an object without a number');
    return port.object(objects.receive(this.#worker, number as number, String(this.value(title))));
  }
}

function hexadecimal(content: unknown): bigint {
  const match = /^(-?)([0-9a-f]+)$/.exec(String(content));
  if (match === null) return wrong('an integer that is none');
  const magnitude = BigInt(`0x${match[2]}`);
  return match[1] === '-' ? -magnitude : magnitude;
}

function complex(content: unknown): Complex {
  const [re, im] = Array.isArray(content) ? (content as unknown[]) : [];
  return typeof re === 'number' && typeof im === 'number' ? new Complex(re, im) : wrong('no complex number');
}

function utf16(bytes: unknown): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('utf16le') : wrong('text without bytes');
}
