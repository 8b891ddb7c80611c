import type { Operation } from '../../registry/operation.ts';
import { publicName } from '../../registry/registry.ts';
import { repeatRuleOf, type WhyNotRepeatable } from '../recovery/repeatable.ts';
import { type Encode, encoderOf } from './values.ts';

/**
 * One row as the worker gets it: code, Python's path, parameters, whether it is the user's, and takes any keyword; of a
 * class of modules, which of its calls it is.
 */
type Row = readonly [number, string, readonly ParameterRow[], boolean, boolean, ...('create' | 'forward')[]];
/** Name, kind, by keyword only, absent means None, takes all positions that are left. */
type ParameterRow = readonly [string, string, boolean, boolean, boolean];

/** An operation with its number, so that a call names it in a byte or two, and what its calls take from its row. */
export interface NumberedOperation {
  readonly operation: Operation;
  readonly code: number;
  /** The public name. */
  readonly label: string;
  readonly encode: Encode;
  readonly whyNotRepeatable: WhyNotRepeatable | null;
}

/** Numbers for operations. Rows are only ever added. */
export class OperationTable {
  readonly #numbered = new Map<Operation, NumberedOperation>();
  readonly #operations: Operation[] = [];
  readonly #unresolved = new Set<Operation>();

  get size(): number {
    return this.#operations.length;
  }

  numbered(operation: Operation): NumberedOperation {
    let numbered = this.#numbered.get(operation);
    if (numbered === undefined) {
      numbered = {
        operation,
        code: this.#operations.length,
        label: publicName(operation),
        encode: encoderOf(operation),
        whyNotRepeatable: repeatRuleOf(operation),
      };
      this.#operations.push(operation);
      this.#numbered.set(operation, numbered);
    }
    return numbered;
  }

  operationOf(code: number): Operation | undefined {
    return this.#operations[code];
  }

  addAll(operations: Iterable<Operation>): void {
    for (const operation of operations) if (operation.python !== null) this.numbered(operation);
  }

  rowsFrom(code: number): Row[] {
    return this.#operations.slice(code).map((operation, i) => row(operation, code + i));
  }

  /** Workers report which rows their Python has no function for. */
  markUnresolved(codes: unknown): void {
    if (!Array.isArray(codes)) return;
    for (const code of codes) {
      const operation = this.#operations[Number(code)];
      if (operation !== undefined) this.#unresolved.add(operation);
    }
  }

  isUnresolved(operation: Operation): boolean {
    return this.#unresolved.has(operation);
  }
}

function row(operation: Operation, code: number): Row {
  const parameters = operation.parameters.map(
    ({ name, kind, keywordOnly, fallback, variadic }): ParameterRow => [
      name,
      kind,
      keywordOnly,
      fallback === null,
      variadic === true,
    ],
  );
  const { python, family, anyKeyword, module } = operation;
  const fields: Row = [code, python ?? '', parameters, family === 'user', anyKeyword === true];
  return module === undefined ? fields : [...fields, module];
}
