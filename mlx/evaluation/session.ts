import { ArgumentError } from '../../foundation/errors/errors.ts';
import { checkReceivers } from '../../foundation/errors/receivers.ts';
import type { Session as OpenSession } from '../../foundation/values/session.ts';
import { randomState, router } from '../../runtime/runtime.ts';
import { keepObjects } from '../python/objects.ts';

/**
 * Owns every array that is made inside it, on both backends, and every Python object that is first got there, and frees
 * them at its end. What it runs in Python goes to
 * one worker, which is chosen, and started if need be, at the first call that needs one.
 */
export class Session {
  readonly #open: OpenSession = router.sessions.begin();

  /** Runs the function inside the session; asynchronous ones belong to it until they end. */
  run<T>(use: () => T): T {
    return router.sessions.run(this.#open, use);
  }

  /** The arrays and Python objects of the tree (one of them, a list or a plain object of them) live on after the end. Gives the tree back. */
  keep<T>(tree: T): T {
    router.sessions.keep(this.#open, tree);
    keepObjects(tree, this.#open);
    return tree;
  }

  get isEnded(): boolean {
    return this.#open.ended;
  }

  /** Frees what was made inside and not kept. Ending twice is no error; a later `run` is a DisposedError. */
  end(): void {
    if (this.#open.ended) return;
    // The random sequence goes on after the session, from a key that may have been drawn in it.
    if (randomState.known !== undefined) this.keep(randomState.known);
    router.sessions.end(this.#open);
  }

  [Symbol.dispose](): void {
    this.end();
  }

  static {
    checkReceivers(Session.prototype, 'mx.Session', (value) => value instanceof Session && #open in value);
  }
}

/** Opens a session, to be ended by `using session = mx.session()` or `session.end()`. */
export function session(): Session {
  return new Session();
}

/**
 * Runs the function inside a session, waits for what it returns, and ends the session, also after an error. Arrays in
 * what it returns live on. Code inside it that awaits stays inside; other sessions do not see each other.
 */
export async function withSession<T>(use: (session: Session) => T | PromiseLike<T>): Promise<T> {
  if (typeof use !== 'function') throw new ArgumentError('mx.withSession: expected a function to run');
  const opened = new Session();
  try {
    return opened.keep(await opened.run(() => use(opened)));
  } finally {
    opened.end();
  }
}
