import type { Session, SessionLookup } from '../../foundation/values/session.ts';

/** What of a tensor a session has to know. */
interface Owned {
  session: Session | undefined;
}

/** The sessions that are open: what each owns here, and where it works. */
export class Sessions<T extends Owned, Where> {
  /** null: no session is open. */
  lookup: SessionLookup | null = null;
  readonly #owned = new Map<Session, Set<T>>();
  readonly #pins = new Map<Session, Where>();

  watch(current: SessionLookup | null): void {
    this.lookup = current;
  }

  /** The session that the running code belongs to. */
  get current(): Session | undefined {
    return this.lookup?.();
  }

  /** The tensor belongs to that session from now on, or to none. */
  own(tensor: T, session: Session | undefined): void {
    if (tensor.session !== undefined) this.#owned.get(tensor.session)?.delete(tensor);
    tensor.session = session;
    if (session === undefined) return;
    const owned = this.#owned.get(session);
    if (owned === undefined) this.#owned.set(session, new Set([tensor]));
    else owned.add(tensor);
  }

  /** Where the current session works; undefined: there is none, or it has not needed a place so far. */
  get place(): Where | undefined {
    const session = this.current;
    return session === undefined ? undefined : this.#pins.get(outermost(session));
  }

  /** The current session works there until it ends. Sessions in it work where it does. */
  pin(where: Where): void {
    const session = this.current;
    if (session !== undefined) this.#pins.set(outermost(session), where);
  }

  /** How many sessions work there. */
  pinnedTo(where: Where): number {
    let count = 0;
    for (const pin of this.#pins.values()) if (pin === where) count += 1;
    return count;
  }

  /** Forgets the session, and gives what it still owns. */
  end(session: Session): Iterable<T> {
    const owned = this.#owned.get(session) ?? [];
    this.#owned.delete(session);
    this.#pins.delete(session);
    return owned;
  }
}

function outermost(session: Session): Session {
  let outer = session;
  while (outer.parent !== undefined && !outer.parent.ended) outer = outer.parent;
  return outer;
}
