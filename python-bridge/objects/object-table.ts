import { ArgumentError, DisposedError, WorkerDiedError } from '../../registry/errors.ts';
import type { RemoteReference } from '../../registry/remote-objects.ts';
import type { Incarnation } from '../call.ts';
import { Collector } from '../collector.ts';
import { describeDeath } from '../failures.ts';
import { Flushing } from '../flushing.ts';
import type { Requests } from '../requests.ts';
import { FrameType } from '../wire/frames.ts';

/** How many references may wait to be given back before they are sent by themselves. */
const RELEASES_AT_ONCE = 256;
/** V8 sees a few bytes where Python may hold a model: objects are worth a collection as if each took that much. */
const SUPPOSED_BYTES = 16 * 1024;

/** How often the worker has sent an object that was not given back so far. Outlives the reference. */
interface Lease {
  readonly worker: Incarnation;
  readonly number: number;
  received: number;
  /** Whether its worker has to stay for it. */
  binding: boolean;
}

export class ObjectReference implements RemoteReference {
  readonly home: Incarnation;
  readonly number: number;
  readonly title: string;
  readonly lease: Lease;

  constructor(lease: Lease, title: string) {
    this.home = lease.worker;
    this.number = lease.number;
    this.title = title;
    this.lease = lease;
  }

  get worker(): number {
    return this.home.place;
  }

  get isReleased(): boolean {
    return this.lease.received === 0;
  }
}

/** References to objects of the workers: one for each object, given back when it is collected or released. */
export class ObjectTable {
  readonly #requests: Requests;
  readonly #known = new WeakMap<Incarnation, Map<number, WeakRef<ObjectReference>>>();
  readonly #waiting = new Map<Incarnation, [number, number][]>();
  readonly #registry = new FinalizationRegistry<Lease>((lease) => this.#giveBack(lease));
  readonly #collector = new Collector();
  readonly #flushing = new Flushing(() => this.#flush(), RELEASES_AT_ONCE);
  #live = 0;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  get live(): number {
    return this.#live;
  }

  /** The reference for what an answer names; the same one for the same object. */
  receive(worker: Incarnation, number: number, title: string): ObjectReference {
    let references = this.#known.get(worker);
    if (references === undefined) {
      references = new Map();
      this.#known.set(worker, references);
      worker.farewells.push(() => this.#waiting.delete(worker));
    }
    const known = references.get(number)?.deref();
    if (known !== undefined && !known.isReleased) {
      known.lease.received += 1;
      return known;
    }
    const lease = { worker, number, received: 1, binding: true };
    const reference = new ObjectReference(lease, title);
    references.set(number, new WeakRef(reference));
    this.#registry.register(reference, lease);
    worker.objects += 1;
    this.#live += 1;
    this.#collector.made(SUPPOSED_BYTES);
    return reference;
  }

  /** The reference, which a living worker holds. */
  usable(reference: RemoteReference, operation: string): ObjectReference {
    const details = { operation, implementation: 'python' as const };
    if (!(reference instanceof ObjectReference)) throw new ArgumentError('expected a remote object', details);
    if (reference.isReleased) throw new DisposedError(`the object (${reference.title}) was released`, details);
    const { death } = reference.home;
    if (death === null) return reference;
    const text = `the object (${reference.title}) is gone with its worker: ${describeDeath(death)}`;
    throw new WorkerDiedError(text, details);
  }

  release(reference: RemoteReference): void {
    if (reference instanceof ObjectReference) this.#giveBack(reference.lease);
  }

  /** The worker need not stay for the object, which can be made again elsewhere. */
  unbind(lease: Lease): void {
    if (lease.binding) lease.worker.objects -= 1;
    if (lease.worker.objects === 0) lease.worker.onEmpty?.();
    lease.binding = false;
  }

  /** The worker has let the object go by itself. */
  forget(reference: ObjectReference): void {
    this.#close(reference.lease);
  }

  /** Learns what was collected. To be called before each request. */
  sweep(): void {
    this.#collector.relieve(() => this.#live * SUPPOSED_BYTES);
  }

  #giveBack(lease: Lease): void {
    const { worker, number, received } = lease;
    if (!this.#close(lease) || worker.death !== null) return;
    const waiting = this.#waiting.get(worker);
    if (waiting === undefined) this.#waiting.set(worker, [[number, received]]);
    else waiting.push([number, received]);
    this.#flushing.gathered(waiting?.length ?? 1);
  }

  /** False: it was closed before. */
  #close(lease: Lease): boolean {
    if (lease.received === 0) return false;
    lease.received = 0;
    this.#live -= 1;
    this.unbind(lease);
    const references = this.#known.get(lease.worker);
    const known = references?.get(lease.number)?.deref();
    // The number may have come again meanwhile, and stand for a newer reference.
    if (known === undefined || known.lease === lease) references?.delete(lease.number);
    return true;
  }

  #flush(): void {
    for (const [worker, references] of this.#waiting) {
      this.#waiting.delete(worker);
      if (worker.death === null) this.#requests.tell(worker, FrameType.RELEASE, { references });
    }
  }
}
