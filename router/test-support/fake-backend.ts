import type {
  Backend,
  BackendStatus,
  PreparedCall,
  Printing,
  ScopeStack,
  SessionTensors,
  Statistics,
  TensorInfo,
} from '../../backend/backend.ts';
import { DisposedError, type Implementation, OperationError } from '../../foundation/errors/errors.ts';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import type { Session, SessionLookup } from '../../foundation/values/session.ts';
import { type Argument, Handle, type Result } from '../../foundation/values/values.ts';
import { type Operation, qualifiedName } from '../../registry/operation.ts';

type Contents = TensorInfo & { readonly bytes: Uint8Array<ArrayBuffer> };

/** A backend that computes nothing: each result is its first tensor, or a lone zero. It notes what is asked of it. */
export class FakeBackend implements Backend {
  readonly name: Implementation;
  readonly log: string[] = [];
  problem: string | undefined;
  unported = new Set<string>();
  /** Added to the first byte of every result: a planted difference. */
  drift = 0;
  failure: string | undefined;
  /** Given by every call of an operation of the user's. */
  plain: Result = null;
  readonly #tensors = new Map<number, Contents>();
  readonly #scopes: number[][] = [];
  readonly #owners = new Map<number, Session | undefined>();
  #session: SessionLookup | null = null;
  #next = 0;
  readonly #zero: Dtype;

  constructor(name: Implementation, zero: Dtype) {
    this.name = name;
    this.#zero = zero;
  }

  status(): BackendStatus {
    const { problem } = this;
    return problem === undefined ? { available: true, details: {} } : { available: false, problem, details: {} };
  }

  supports(operation: Operation): boolean {
    const has = this.name === 'python' ? operation.python : operation.native;
    return this.problem === undefined && has !== null && !this.unported.has(qualifiedName(operation));
  }

  prepare(operation: Operation): PreparedCall {
    return {
      // The router gives a context where it has decided.
      run: (args, context) => this.#run(context === undefined ? 'bound' : 'call', operation, args),
      runAsync: async (args) => this.#run('async', operation, args),
      direct: operation.name === 'abs' ? (count, a) => this.#direct(operation, count, a) : undefined,
    };
  }

  #direct(operation: Operation, count: number, a: unknown): Handle | null {
    return count === 1 && a instanceof Handle ? (this.#run('direct', operation, [a]) as Handle) : null;
  }

  create(bytes: Uint8Array, shape: readonly number[], dtype: Dtype): Handle {
    this.log.push('create');
    const slot = this.#next++;
    this.#tensors.set(slot, { bytes: new Uint8Array(bytes), shape, dtype });
    this.#scopes.at(-1)?.push(slot);
    const handle = new Handle(slot, {});
    this.sessions.own(handle, this.#session?.());
    return handle;
  }

  describe(handle: Handle): TensorInfo {
    const { shape, dtype } = this.#contents(handle);
    return { shape, dtype };
  }

  read(handle: Handle): Uint8Array<ArrayBuffer> {
    this.log.push('read');
    return this.#contents(handle).bytes.slice();
  }

  async readAsync(handle: Handle): Promise<Uint8Array<ArrayBuffer>> {
    return this.read(handle);
  }

  eval(handles: readonly Handle[]): void {
    this.log.push(`eval ${handles.length}`);
    for (const handle of handles) this.#contents(handle);
    if (this.failure !== undefined) throw new OperationError(this.failure);
  }

  async evalAsync(handles: readonly Handle[]): Promise<void> {
    this.eval(handles);
  }

  free(handle: Handle): void {
    this.#tensors.delete(handle.slot);
  }

  isAlive(handle: Handle): boolean {
    return this.#tensors.has(handle.slot);
  }

  readonly printing: Printing = { text: (handle) => `array(${this.#contents(handle).bytes})` };

  readonly statistics: Statistics = { read: () => ({ workers: 2, liveTensors: this.#tensors.size }) };

  readonly sessions: SessionTensors = {
    watch: (current) => {
      this.#session = current;
    },
    own: (handle, session) => {
      this.#owners.set(handle.slot, session);
      handle.session = session;
    },
    end: (session) => {
      for (const [slot, owner] of this.#owners) if (owner === session) this.#tensors.delete(slot);
    },
  };

  readonly scopes: ScopeStack = {
    begin: () => {
      this.#scopes.push([]);
    },
    end: (keep) => {
      const kept = new Set(keep.map(({ slot }) => slot));
      for (const slot of this.#scopes.pop() ?? []) {
        if (kept.has(slot)) this.#scopes.at(-1)?.push(slot);
        else this.#tensors.delete(slot);
      }
    },
  };

  async shutdown(): Promise<void> {
    this.log.push('shutdown');
  }

  #run(way: string, operation: Operation, args: readonly Argument[]): Result {
    this.log.push(`${way} ${operation.name}`);
    if (this.failure !== undefined) throw new OperationError(this.failure, { implementation: this.name });
    if (operation.family === 'user' && this.plain !== null) return this.plain;
    const handle = args.find((argument) => argument instanceof Handle);
    const found = handle === undefined ? undefined : this.#contents(handle);
    const bytes = new Uint8Array(found?.bytes ?? new Uint8Array(this.#zero.size));
    bytes[0] = (bytes[0] ?? 0) + this.drift;
    this.log.push('made');
    const made = this.create(bytes, found?.shape ?? [], found?.dtype ?? this.#zero);
    this.log.splice(-2);
    return made;
  }

  #contents(handle: Handle): Contents {
    const contents = this.#tensors.get(handle.slot);
    if (contents === undefined) throw new DisposedError('the tensor was freed');
    return contents;
  }
}
