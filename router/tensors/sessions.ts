import { AsyncLocalStorage } from 'node:async_hooks';
import { ArgumentError, DisposedError } from '../../foundation/errors/errors.ts';
import type { Session, SessionLookup } from '../../foundation/values/session.ts';
import type { Backends } from '../selection/backends.ts';
import type { Residency } from './residency.ts';
import { tensorsOf } from './tree.ts';

class OpenSession implements Session {
  readonly id: number;
  readonly parent: Session | undefined;
  ended = false;

  constructor(id: number, parent: Session | undefined) {
    this.id = id;
    this.parent = parent;
  }
}

/** Which session the running code belongs to, and what becomes of the tensors when it ends. */
export class Sessions {
  readonly #backends: Backends;
  readonly #residency: Residency;
  readonly #storage = new AsyncLocalStorage<OpenSession>();
  readonly #lookup: SessionLookup = () => {
    let session: Session | undefined = this.#storage.getStore();
    // Code that goes on after the end of its session belongs to the one outside.
    while (session?.ended === true) session = session.parent;
    return session;
  };
  #open = 0;
  #lastId = 0;

  constructor(backends: Backends, residency: Residency) {
    this.#backends = backends;
    this.#residency = residency;
  }

  get open(): number {
    return this.#open;
  }

  /** The one that the running code belongs to. */
  get current(): Session | undefined {
    return this.#open === 0 ? undefined : this.#lookup();
  }

  begin(): Session {
    this.#lastId += 1;
    const session = new OpenSession(this.#lastId, this.current);
    this.#open += 1;
    if (this.#open === 1) this.#watch(this.#lookup);
    return session;
  }

  run<T>(session: Session, use: () => T): T {
    if (typeof use !== 'function') throw new ArgumentError('mx.session: expected a function to run');
    if (session.ended) throw new DisposedError('mx.session: the session has ended; it cannot be used any more');
    return this.#storage.run(session as OpenSession, use);
  }

  /** The tensors of the tree belong to the session outside from now on. */
  keep(session: Session, tree: unknown, operation = 'mx.session'): void {
    if (session.ended) throw new DisposedError('mx.session: the session has ended; it cannot be used any more');
    for (const tensor of tensorsOf(tree, operation)) {
      for (const { backend, handle } of this.#residency.holders(tensor)) {
        if (handle.session === session) backend.sessions?.own(handle, session.parent);
      }
    }
  }

  /** Frees what the session still owns. Ending twice is no error. */
  end(session: Session): void {
    if (session.ended) return;
    (session as OpenSession).ended = true;
    this.#open -= 1;
    try {
      for (const { sessions } of this.#backends.all) sessions?.end(session);
    } finally {
      if (this.#open === 0) this.#watch(null);
    }
  }

  #watch(lookup: SessionLookup | null): void {
    for (const { sessions } of this.#backends.all) sessions?.watch(lookup);
    // An enabled storage makes every promise of the process a little slower.
    if (lookup === null) this.#storage.disable();
  }
}
