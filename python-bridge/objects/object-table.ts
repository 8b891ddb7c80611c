import type { RemoteReference } from '../../backend/remote-objects.ts';
import { ArgumentError, DisposedError, WorkerDiedError } from '../../foundation/errors/errors.ts';
import type { Session, SessionLookup } from '../../foundation/values/session.ts';
import type { PythonWorker } from '../requests/call.ts';
import { describeExit } from '../requests/failures.ts';
import type { Requests } from '../requests/requests.ts';
import { Collector } from '../tensors/collector.ts';
import { Flushing } from '../tensors/flushing.ts';
import { Sessions } from '../tensors/sessions.ts';
import { FrameType } from '../wire/frames.ts';

/** How many references may wait to be given back before they are sent by themselves. */
const RELEASES_AT_ONCE = 256;
/** V8 sees a few bytes where Python may hold a model: objects are worth a collection as if each took that much. */
const SUPPOSED_BYTES = 16 * 1024;

/** How often the worker has sent an object that was not given back so far. Outlives the reference. */
interface Lease {
  readonly worker: PythonWorker;
  readonly number: number;
  received: number;
  /** Whether its worker has to stay for it. */
  binding: boolean;
  /** What gives it back, if it was not given back before. */
  session: Session | undefined;
  /** Whether a session's end has given it back. */
  ended: boolean;
}

export class ObjectReference implements RemoteReference {
  readonly holder: PythonWorker;
  readonly number: number;
  readonly title: string;
  readonly lease: Lease;

  constructor(lease: Lease, title: string) {
    this.holder = lease.worker;
    this.number = lease.number;
    this.title = title;
    this.lease = lease;
  }

  get worker(): number {
    return this.holder.place;
  }

  get isReleased(): boolean {
    return this.lease.received === 0;
  }
}

/** References to objects of the workers: one for each object, given back when it is collected or released. */
export class ObjectTable {
  readonly #requests: Requests;
  readonly #known = new WeakMap<PythonWorker, Map<number, WeakRef<ObjectReference>>>();
  readonly #waiting = new Map<PythonWorker, [number, number][]>();
  readonly #registry = new FinalizationRegistry<Lease>((lease) => this.#giveBack(lease));
  readonly #collector = new Collector();
  readonly #flushing = new Flushing(() => this.#flush(), RELEASES_AT_ONCE);
  readonly #sessions: Sessions<Lease, never> = new Sessions();
  #live = 0;

  /** `current`: the session that the running code belongs to. */
  constructor(requests: Requests, current: SessionLookup) {
    this.#requests = requests;
    this.#sessions.watch(current);
  }

  get live(): number {
    return this.#live;
  }

  /** The reference for what an answer names; the same one for the same object. */
  receive(worker: PythonWorker, number: number, title: string): ObjectReference {
    let references = this.#known.get(worker);
    if (references === undefined) {
      references = new Map();
      this.#known.set(worker, references);
      worker.onExit(() => this.#waiting.delete(worker));
    }
    const known = references.get(number)?.deref();
    if (known !== undefined && !known.isReleased) {
      known.lease.received += 1;
      this.#share(known.lease);
      return known;
    }
    const lease: Lease = { worker, number, received: 1, binding: true, session: undefined, ended: false };
    const session = this.#sessions.current;
    if (session !== undefined) this.#sessions.own(lease, session);
    const reference = new ObjectReference(lease, title);
    references.set(number, new WeakRef(reference));
    this.#registry.register(reference, lease);
    worker.holdObject();
    this.#live += 1;
    this.#collector.made += SUPPOSED_BYTES;
    return reference;
  }

  /** The reference, which a running worker holds. */
  usable(reference: RemoteReference, operation: string): ObjectReference {
    const details = { operation, implementation: 'python' as const };
    if (!(reference instanceof ObjectReference)) throw new ArgumentError('expected a remote object', details);
    if (reference.isReleased) {
      const how = reference.lease.ended ? 'was freed at the end of its session' : 'was released';
      throw new DisposedError(`the object (${reference.title}) ${how}`, details);
    }
    const { exit } = reference.holder;
    if (exit === null) return reference;
    const text = `the object (${reference.title}) is gone with its worker: ${describeExit(exit)}`;
    throw new WorkerDiedError(text, details);
  }

  release(reference: RemoteReference): void {
    if (reference instanceof ObjectReference) this.#giveBack(reference.lease);
  }

  /** It is kept after the end of the session that it belongs to: in the one outside, or until it is dropped. */
  keep(reference: RemoteReference, session: Session): void {
    if (!(reference instanceof ObjectReference) || reference.lease.session !== session) return;
    this.#sessions.own(reference.lease, session.parent);
  }

  /** It belongs to no session. */
  detach({ lease }: ObjectReference): void {
    if (lease.session !== undefined) this.#sessions.own(lease, undefined);
  }

  endSession(session: Session): void {
    for (const lease of [...this.#sessions.end(session)]) {
      lease.ended = true;
      this.#giveBack(lease);
    }
    // The next request finds them released.
    this.#flush();
  }

  /** Gives back what one answer brought; others may hold the object as well. */
  putBack({ lease }: ObjectReference): void {
    if (lease.received <= 1) {
      this.#giveBack(lease);
      return;
    }
    lease.received -= 1;
    this.#queue(lease, 1);
  }

  /** The worker need not stay for the object, which can be made again elsewhere. */
  unbind(lease: Lease): void {
    if (lease.binding) lease.worker.releaseObject();
    lease.binding = false;
  }

  /** The worker has let the object go by itself. */
  forget(reference: ObjectReference): void {
    this.#close(reference.lease);
  }

  /** Learns what was collected. To be called before each request. */
  sweep(): void {
    const { made, dueFrom } = this.#collector;
    if (made >= dueFrom) this.#collector.collectIfWorth(() => this.#live * SUPPOSED_BYTES);
  }

  /** What code outside its session has got as well goes with the innermost session around both. */
  #share(lease: Lease): void {
    let owner = lease.session;
    if (owner === undefined) return;
    while (owner !== undefined && !isInside(this.#sessions.current, owner)) owner = owner.parent;
    if (owner !== lease.session) this.#sessions.own(lease, owner);
  }

  #giveBack(lease: Lease): void {
    const { received } = lease;
    if (this.#close(lease)) this.#queue(lease, received);
  }

  #queue({ worker, number }: Lease, times: number): void {
    if (worker.exit !== null) return;
    const waiting = this.#waiting.get(worker);
    if (waiting === undefined) this.#waiting.set(worker, [[number, times]]);
    else waiting.push([number, times]);
    this.#flushing.gathered(waiting?.length ?? 1);
  }

  /** False: it was closed before. */
  #close(lease: Lease): boolean {
    if (lease.received === 0) return false;
    lease.received = 0;
    if (lease.session !== undefined) this.#sessions.own(lease, undefined);
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
      if (worker.exit === null) this.#requests.notify(worker, FrameType.RELEASE, { references });
    }
  }
}

function isInside(session: Session | undefined, outer: Session): boolean {
  for (let inner = session; inner !== undefined; inner = inner.parent) if (inner === outer) return true;
  return false;
}
