import type { Dtype } from '../registry/dtypes.ts';
import { DisposedError, TensorLostError } from '../registry/errors.ts';
import type { Session } from '../registry/session.ts';
import { Handle } from '../registry/values.ts';
import type { Incarnation } from './call.ts';
import { Collector } from './collector.ts';
import { describeDeath } from './failures.ts';
import type { Sentinels } from './options.ts';
import type { Sessions } from './sessions.ts';

/** What is known here of a tensor that a worker holds. */
export interface RemoteTensor {
  readonly slot: number;
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly bytes: number;
  /** Changes when the tensor moves to another worker. */
  home: Incarnation;
  /** Its number there. */
  id: number;
  freed: boolean;
  /** What frees it, if nobody does before. */
  session: Session | undefined;
  /** The same values in other workers, for the sessions that work there. */
  copies: readonly Copy[];
}

/** A tensor's values in a worker that is not its home. Goes with the session that needed it, or with the tensor. */
export interface Copy {
  readonly of: RemoteTensor;
  readonly home: Incarnation;
  readonly id: number;
  session: Session | undefined;
}

/** How many frees may wait for the next request before they are sent by themselves. */
const FREES_AT_ONCE = 256;

/**
 * Tensors by slot, over all workers. A slot is used again only once the owner of its last handle is collected,
 * so a late report of that collection never frees a tensor of somebody else.
 */
export class TensorTable {
  readonly #tensors: (RemoteTensor | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #sentinels: Sentinels | null;
  readonly #sessions: Sessions<RemoteTensor | Copy, unknown>;
  readonly #registry: FinalizationRegistry<number>;
  readonly #flush: () => void;
  readonly #scopes: Set<RemoteTensor>[] = [];
  #flushScheduled = false;
  readonly #collector = new Collector();
  #live = 0;
  #liveBytes = 0;

  constructor(sentinels: Sentinels | undefined, sessions: Sessions<RemoteTensor | Copy, unknown>, flush: () => void) {
    this.#sentinels = sentinels ?? null;
    this.#sessions = sessions;
    this.#flush = flush;
    this.#registry = new FinalizationRegistry((slot) => this.#collected(slot));
  }

  get live(): number {
    return this.#live;
  }

  /** A slot for a result that is not there yet; its number is also the tensor's number in the worker. */
  reserve(): number {
    const slot = this.#freeSlots.pop();
    if (slot !== undefined) return slot;
    this.#tensors.push(undefined);
    return this.#tensors.length - 1;
  }

  /** Gives back a slot that became no tensor. */
  release(slot: number): void {
    this.#freeSlots.push(slot);
  }

  adopt(slot: number, id: number, home: Incarnation, dtype: Dtype, shape: readonly number[]): Handle {
    const bytes = shape.reduce((product, length) => product * length, dtype.size);
    const session = this.#sessions.current;
    const tensor: RemoteTensor = {
      slot,
      id,
      home,
      dtype,
      shape,
      bytes,
      freed: false,
      session: undefined,
      copies: [],
    };
    if (session !== undefined) this.#sessions.own(tensor, session);
    home.tensors += 1;
    this.#tensors[slot] = tensor;
    this.#live += 1;
    this.#liveBytes += bytes;
    this.#collector.made(bytes);
    this.#scopes.at(-1)?.add(tensor);
    return new Handle(slot, this.#ownerOf(slot), session);
  }

  /** The tensor, wherever it is; throws once it is freed. */
  get(handle: Handle): RemoteTensor {
    const tensor = this.#tensors[handle.slot];
    if (tensor === undefined || tensor.freed) throw new DisposedError('the tensor was freed');
    return tensor;
  }

  /** The tensor, which a living worker holds. */
  usable(handle: Handle, operation: string): RemoteTensor {
    const tensor = this.get(handle);
    if (tensor.home.death !== null) this.#promoteCopy(tensor);
    const { death } = tensor.home;
    if (death === null) return tensor;
    throw new TensorLostError(`the tensor is gone with its worker: ${describeDeath(death)}`, {
      operation,
      implementation: 'python',
    });
  }

  isAlive(handle: Handle): boolean {
    return this.#tensors[handle.slot]?.freed === false;
  }

  /** Its worker frees it before it runs anything else that is asked from now on. */
  free(handle: Handle): void {
    const tensor = this.#tensors[handle.slot];
    if (tensor === undefined) return;
    for (const scope of this.#scopes) scope.delete(tensor);
    this.#free(tensor);
  }

  /** The tensor lives in another worker from now on. */
  rehome(tensor: RemoteTensor, home: Incarnation, id: number): void {
    this.#queueFree(tensor.home, tensor.id);
    tensor.home.tensors -= 1;
    home.tensors += 1;
    tensor.home = home;
    tensor.id = id;
  }

  /** Its number in that worker, where it is at home or has a copy; undefined: it is not there. */
  idAt(tensor: RemoteTensor, worker: Incarnation): number | undefined {
    return tensor.home === worker ? tensor.id : tensor.copies.find(({ home }) => home === worker)?.id;
  }

  /** The worker holds the values too, under that number, for as long as the current session lasts. */
  copied(tensor: RemoteTensor, home: Incarnation, id: number): void {
    const copy: Copy = { of: tensor, home, id, session: undefined };
    tensor.copies = [...tensor.copies.filter((other) => other.home.death === null), copy];
    home.tensors += 1;
    this.#sessions.own(copy, this.#sessions.current);
  }

  own(handle: Handle, session: Session | undefined): void {
    const tensor = this.#tensors[handle.slot];
    handle.session = session;
    if (tensor !== undefined && !tensor.freed) this.#sessions.own(tensor, session);
  }

  endSession(session: Session): void {
    for (const owned of this.#sessions.end(session)) {
      if ('of' in owned) this.#dropCopy(owned);
      else this.#free(owned);
    }
  }

  /** Learns what was collected. To be called before each request. */
  sweep(): void {
    if (this.#sentinels === null) return;
    this.#collector.relieve(() => {
      this.#drain();
      return this.#liveBytes;
    });
    this.#drain();
  }

  beginScope(): void {
    this.#scopes.push(new Set());
  }

  endScope(keep: readonly Handle[]): void {
    const scope = this.#scopes.pop();
    if (scope === undefined) return;
    const outer = this.#scopes.at(-1);
    for (const handle of keep) {
      const tensor = this.#tensors[handle.slot];
      if (tensor !== undefined && scope.delete(tensor)) outer?.add(tensor);
    }
    for (const tensor of scope) this.#free(tensor);
  }

  #drain(): void {
    for (const slot of this.#sentinels?.drain() ?? []) this.#collected(slot);
  }

  #ownerOf(slot: number): object {
    if (this.#sentinels !== null) return this.#sentinels.create(slot);
    const owner = {};
    this.#registry.register(owner, slot);
    return owner;
  }

  #collected(slot: number): void {
    const tensor = this.#tensors[slot];
    if (tensor === undefined) return;
    for (const scope of this.#scopes) scope.delete(tensor);
    this.#free(tensor);
    this.#tensors[slot] = undefined;
    this.#freeSlots.push(slot);
  }

  #free(tensor: RemoteTensor): void {
    if (tensor.freed) return;
    tensor.freed = true;
    this.#live -= 1;
    this.#liveBytes -= tensor.bytes;
    tensor.home.tensors -= 1;
    this.#queueFree(tensor.home, tensor.id);
    if (tensor.session !== undefined) this.#sessions.own(tensor, undefined);
    for (const copy of tensor.copies) this.#dropCopy(copy);
  }

  /** A copy in a living worker takes the place of values that went with theirs. */
  #promoteCopy(tensor: RemoteTensor): void {
    const copy = tensor.copies.find(({ home }) => home.death === null);
    if (copy === undefined) return;
    tensor.copies = tensor.copies.filter((other) => other !== copy);
    this.#sessions.own(copy, undefined);
    tensor.home = copy.home;
    tensor.id = copy.id;
  }

  #dropCopy(copy: Copy): void {
    copy.of.copies = copy.of.copies.filter((other) => other !== copy);
    this.#sessions.own(copy, undefined);
    copy.home.tensors -= 1;
    this.#queueFree(copy.home, copy.id);
    this.release(copy.id);
  }

  #queueFree(home: Incarnation, id: number): void {
    if (home.death !== null) return;
    home.unfreed.push(id);
    if (home.unfreed.length >= FREES_AT_ONCE) {
      this.#flush();
    } else if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      setImmediate(() => {
        this.#flushScheduled = false;
        this.#flush();
      }).unref();
    }
  }
}
