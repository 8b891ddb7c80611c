import type { TensorInfo } from '../../backend/backend.ts';
import { DisposedError, ProtocolError, TensorLostError } from '../../foundation/errors/errors.ts';
import type { Session } from '../../foundation/values/session.ts';
import { type Argument, Handle, Scalar } from '../../foundation/values/values.ts';
import type { Sentinels } from '../options.ts';
import { DeferredTensor, type Describer } from '../pipelines/deferred-tensor.ts';
import type { Outcome } from '../pipelines/forms.ts';
import { errorIn, whyLost } from '../recovery/lost.ts';
import type { PythonWorker } from '../requests/call.ts';
import { describeExit } from '../requests/failures.ts';
import { hasCallback, mapHandles } from '../wire/values.ts';
import { Collector } from './collector.ts';
import { Frees } from './frees.ts';
import { type Copy, KnownTensor, RemoteTensor } from './remote-tensor.ts';
import type { Sessions } from './sessions.ts';
import { Slots } from './slots.ts';

/** The arguments of a call, looked up once. */
export interface Resolved {
  /** As the caller gave them: its handles stay referenced, whose collection would free the tensors. */
  readonly given: readonly Argument[];
  /** The same with tensors in the places of their handles. */
  readonly args: readonly Argument[];
  readonly tensors: readonly RemoteTensor[];
  /** Whether there are functions among them. */
  readonly hasCallbacks: boolean;
  /** The worker that holds all of the tensors; null: there is none. */
  readonly holder: PythonWorker | null;
}

/** Results on their way share an owner with others, unless they seem to be larger than this. */
const SHARED_BYTES = 4096;
/** What a result on its way counts at least: nodes of a graph take memory too. */
const NODE_BYTES = 256;

/** Whether all that its end takes is a free that its worker's batch can hold. */
function isPlain({ freed, slot, id, holder, session, copies }: RemoteTensor): boolean {
  return !freed && id === slot && holder.batch !== null && session === undefined && copies.length === 0;
}

interface TableParts {
  readonly sentinels: Sentinels | undefined;
  readonly sessions: Sessions<RemoteTensor | Copy, unknown>;
  readonly flush: () => void;
  readonly onFreed: (tensor: RemoteTensor) => void;
}

/** Tensors by slot, over all workers; a slot belongs to a tensor until its last handle is collected. */
export class TensorTable {
  readonly #slots: Slots<RemoteTensor>;
  readonly #frees: Frees;
  readonly #sessions: Sessions<RemoteTensor | Copy, unknown>;
  readonly #onFreed: (tensor: RemoteTensor) => void;
  /** Makes a tensor again whose worker exited, if it can. */
  restorer: ((tensor: RemoteTensor) => void) | null = null;
  readonly #scopes: Set<RemoteTensor>[] = [];
  readonly #collector = new Collector();
  #live = 0;
  #liveBytes = 0;

  constructor({ sentinels, sessions, flush, onFreed }: TableParts) {
    this.#slots = new Slots(sentinels, (first, count) => this.#collected(first, count));
    this.#sessions = sessions;
    this.#frees = new Frees(flush);
    this.#onFreed = onFreed;
  }

  /** Numbers of tensors that were ever given lie below. */
  get size(): number {
    return this.#slots.size;
  }

  get live(): number {
    return this.#live;
  }

  /** A slot for a result that is not there yet; its number is also the tensor's number in the worker. */
  reserve(): number {
    return this.#slots.reserve();
  }

  /** Gives back a slot that became no tensor. */
  release(slot: number): void {
    this.#slots.release(slot);
  }

  /** A tensor that the worker holds under the number `id`, in that slot; `handleOf` is to follow. */
  hold(slot: number, id: number, holder: PythonWorker, info: TensorInfo): RemoteTensor {
    const tensor = new KnownTensor(slot, id, holder, info);
    this.#add(slot, tensor);
    return tensor;
  }

  /** The one handle of a tensor, whose collection frees it. */
  handleOf(tensor: RemoteTensor): Handle {
    return new Handle(tensor.slot, this.#slots.ownerOf(tensor.slot), tensor.session);
  }

  adopt(slot: number, id: number, holder: PythonWorker, info: TensorInfo): Handle {
    return this.handleOf(this.hold(slot, id, holder, info));
  }

  /** A result on its way, of about that many bytes. Its slot is also its number in the worker. */
  defer(holder: PythonWorker, outcome: Outcome | null, counted: number, describer: Describer, node: number): Handle {
    const shared = counted <= SHARED_BYTES ? this.#slots.shared() : null;
    const slot = shared?.slot ?? this.reserve();
    const parts = { slot, id: slot, holder, outcome, counted: Math.max(counted, NODE_BYTES), node };
    const tensor = new DeferredTensor(parts, describer);
    this.#add(slot, tensor);
    return new Handle(slot, shared?.owner ?? this.#slots.ownerOf(slot), tensor.session);
  }

  /** The next result on its way begins a new block, so that nothing waits for this one to be full. */
  closeBlock(): void {
    this.#slots.closeBlock();
  }

  /** The tensors of a call's arguments, wherever they are; throws once one is freed. */
  resolve(given: readonly Argument[]): Resolved {
    const tensors: RemoteTensor[] = [];
    const args: Argument[] = [];
    let hasCallbacks = false;
    const found = (handle: Handle): RemoteTensor => {
      const tensor = this.get(handle);
      tensors.push(tensor);
      return tensor;
    };
    for (const argument of given) {
      if (argument instanceof Handle) {
        const tensor = this.get(argument);
        tensors.push(tensor);
        args.push(tensor);
      } else if (typeof argument !== 'object' || argument === null || argument instanceof Scalar) {
        args.push(argument);
      } else {
        args.push(mapHandles(argument, found));
        hasCallbacks ||= hasCallback(argument);
      }
    }
    let holder = tensors[0]?.holder ?? null;
    for (const tensor of tensors) if (tensor.holder !== holder) holder = null;
    return { given, args, tensors, hasCallbacks, holder };
  }

  /** The tensor, wherever it is; throws once it is freed. */
  get(handle: Handle): RemoteTensor {
    const tensor = handle instanceof RemoteTensor ? handle : this.#slots.entries[handle.slot];
    if (tensor === undefined || tensor.freed) throw new DisposedError('the tensor was freed');
    return tensor;
  }

  /** The tensor, which a running worker holds. */
  usable(handle: Handle, operation: string): RemoteTensor {
    const tensor = this.get(handle);
    if (tensor.holder.exit !== null) this.restore(tensor, operation);
    return tensor;
  }

  /** Finds values of a tensor whose worker exited; throws a TensorLostError if there are none. */
  restore(tensor: RemoteTensor, operation: string): void {
    if (!this.isHeld(tensor)) this.restorer?.(tensor);
    const { exit } = tensor.holder;
    if (exit === null) return;
    const failure = errorIn(tensor.origin);
    if (failure !== undefined) throw failure;
    throw new TensorLostError(`the tensor is gone with its worker: ${describeExit(exit)}${whyLost(tensor.origin)}`, {
      operation,
      implementation: 'python',
    });
  }

  /** Whether a running worker holds it, be it a copy that becomes the tensor now. */
  isHeld(tensor: RemoteTensor): boolean {
    if (tensor.holder.exit !== null) this.#promoteCopy(tensor);
    return tensor.holder.exit === null;
  }

  isAlive(handle: Handle): boolean {
    return this.#slots.entries[handle.slot]?.freed === false;
  }

  /** Its worker frees it before it runs anything else that is asked from now on. */
  free(handle: Handle): void {
    const tensor = this.#slots.entries[handle.slot];
    if (tensor !== undefined) this.#free(tensor);
  }

  /** All that were not freed. */
  *living(): Generator<RemoteTensor> {
    for (const tensor of this.#slots) if (!tensor.freed) yield tensor;
  }

  /** Frees what never became a tensor, and gives its number back. */
  discard(holder: PythonWorker, id: number): void {
    this.#frees.add(holder, id);
    this.release(id);
  }

  /** The tensor is held by another worker from now on, under a reserved number, which goes with it. */
  move(tensor: RemoteTensor, holder: PythonWorker, id: number): void {
    const left = tensor.holder;
    this.#leave(tensor);
    holder.holdTensor();
    tensor.holder = holder;
    tensor.id = id;
    left.releaseTensor();
  }

  /** The tensors that it holds as their holder. */
  at(worker: PythonWorker): RemoteTensor[] {
    return [...this.living()].filter(({ holder }) => holder === worker);
  }

  /** Its number in that worker, where it is held or has a copy; undefined: it is not there. */
  idAt(tensor: RemoteTensor, worker: PythonWorker): number | undefined {
    return tensor.holder === worker ? tensor.id : tensor.copies.find(({ holder }) => holder === worker)?.id;
  }

  /** Its number in that worker, which is known to hold it. */
  idOf(tensor: RemoteTensor, worker: PythonWorker, operation: string): number {
    const id = tensor.freed || worker.exit !== null ? undefined : this.idAt(tensor, worker);
    if (id !== undefined) return id;
    // The right error, if it is lost altogether.
    this.usable(tensor, operation);
    throw new ProtocolError('a tensor was moved while it was being sent', { operation });
  }

  /** The worker holds the values too, under that number, for as long as the current session lasts. */
  copied(tensor: RemoteTensor, holder: PythonWorker, id: number): void {
    const copy: Copy = { of: tensor, holder, id, session: undefined };
    tensor.copies = [...tensor.copies.filter((other) => other.holder.exit === null), copy];
    holder.holdTensor();
    this.#sessions.own(copy, this.#sessions.current);
  }

  own(handle: Handle, session: Session | undefined): void {
    const tensor = this.#slots.entries[handle.slot];
    handle.session = session;
    if (tensor !== undefined && !tensor.freed) this.#sessions.own(tensor, session);
  }

  endSession(session: Session): void {
    for (const owned of this.#sessions.end(session)) {
      if ('of' in owned) this.#dropCopy(owned);
      else this.#free(owned);
    }
  }

  /** Learns what was collected. To be called before each request. `young`: collects what has just been dropped. */
  sweep(young = false): void {
    if (!this.#slots.isPrompt) return;
    if (young || this.#collector.tensors >= this.#collector.youngFrom) this.#collector.young();
    if (this.#collector.made >= this.#collector.dueFrom) {
      this.#collector.collectIfWorth(() => {
        this.#slots.drain();
        return this.#liveBytes;
      });
    }
    this.#slots.drain();
  }

  beginScope(): void {
    this.#scopes.push(new Set());
  }

  endScope(keep: readonly Handle[]): void {
    const scope = this.#scopes.pop();
    if (scope === undefined) return;
    const outer = this.#scopes.at(-1);
    for (const handle of keep) {
      const tensor = this.#slots.entries[handle.slot];
      if (tensor !== undefined && scope.delete(tensor)) outer?.add(tensor);
    }
    for (const tensor of scope) this.#free(tensor);
  }

  #add(slot: number, tensor: RemoteTensor): void {
    const session = this.#sessions.lookup?.();
    if (session !== undefined) this.#sessions.own(tensor, session);
    tensor.holder.holdTensor();
    this.#slots.put(slot, tensor);
    this.#live += 1;
    this.#liveBytes += tensor.counted;
    this.#collector.made += tensor.counted;
    this.#collector.tensors += 1;
    if (this.#scopes.length > 0) this.#scopes.at(-1)?.add(tensor);
  }

  /** Of consecutive ones, which their workers are asked to free many at once. */
  #collected(first: number, count: number): void {
    let holder: PythonWorker | null = null;
    let neighbours = 0;
    const notify = (end: number): void => {
      if (holder !== null) this.#frees.add(holder, end - neighbours, neighbours);
      holder = null;
      neighbours = 0;
    };
    for (let slot = first; slot < first + count; slot++) {
      const tensor = this.#slots.take(slot);
      if (tensor === undefined || !isPlain(tensor)) {
        notify(slot);
        if (tensor !== undefined) this.#free(tensor);
        continue;
      }
      if (tensor.holder !== holder) notify(slot);
      holder = tensor.holder;
      neighbours += 1;
      this.#forget(tensor);
    }
    notify(first + count);
  }

  #forget(tensor: RemoteTensor): void {
    for (const scope of this.#scopes) scope.delete(tensor);
    tensor.freed = true;
    if (tensor.origin !== null) this.#onFreed(tensor);
    this.#live -= 1;
    this.#liveBytes -= tensor.counted;
    tensor.holder.releaseTensor();
  }

  #free(tensor: RemoteTensor): void {
    if (tensor.freed) return;
    this.#forget(tensor);
    this.#leave(tensor);
    if (tensor.session !== undefined) this.#sessions.own(tensor, undefined);
    for (const copy of tensor.copies) this.#dropCopy(copy);
  }

  /** A copy in a running worker takes the place of values that were lost with theirs. */
  #promoteCopy(tensor: RemoteTensor): void {
    const copy = tensor.copies.find(({ holder }) => holder.exit === null);
    if (copy === undefined) return;
    tensor.copies = tensor.copies.filter((other) => other !== copy);
    this.#sessions.own(copy, undefined);
    tensor.holder = copy.holder;
    tensor.id = copy.id;
  }

  #dropCopy(copy: Copy): void {
    copy.of.copies = copy.of.copies.filter((other) => other !== copy);
    this.#sessions.own(copy, undefined);
    this.discard(copy.holder, copy.id);
    copy.holder.releaseTensor();
  }

  /** Frees it where it is; a number of its own besides its slot's can be used again. */
  #leave({ holder, id, slot }: RemoteTensor): void {
    this.#frees.add(holder, id);
    if (id >= 0 && id !== slot) this.release(id);
  }
}
