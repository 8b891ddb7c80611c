import type { Prefetch, RemotePlace, RemotePort } from '../../backend/remote-objects.ts';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import type { Session } from '../../foundation/values/session.ts';
import { isTensor } from '../../router/tensors/tensor.ts';
import { pythonBackend, router } from '../../runtime/runtime.ts';
import { Proxies, placeOf, type Target, targetOf } from './proxy.ts';

const MOST_LEVELS = 64;

const port: RemotePort = {
  placeOf(value) {
    const target = targetOf(value);
    return target === undefined ? undefined : placeOf(target, 'mx.python');
  },
  handleOf: (value, create) => (isTensor(value) ? router.residency.at(value, 'python', create) : undefined),
  tensor: (handle) => router.adopt(handle, 'python'),
  object: (reference) => proxies.of(reference),
};

export const objects = pythonBackend.remoteObjects(port);

/** One item a request: a generator does not run ahead of who goes over it. */
const ONE_BY_ONE: Prefetch = { count: 1, ms: 0 };

export const proxies: Proxies = new Proxies({
  access: (reference) => objects.access(reference),
  iterate: (place) => objects.iterate(place, ONE_BY_ONE),
  release({ reference, access, lazy }) {
    if (lazy) throw new ArgumentError('expected a remote object, received a path that is not read');
    if (reference !== null) objects.release(reference);
    else if ('release' in access) (access as { release(): void }).release();
  },
});

/** The place that a proxy stands for. */
export function expectPlace(value: unknown, operation: string): RemotePlace {
  const target = targetOf(value);
  if (target !== undefined) return placeOf(target, operation);
  throw new ArgumentError('expected a remote object or a path from one', { operation });
}

/** The objects of the tree (an object, a list, a plain object or a tree of them) live on after the end of the session. */
export function keepObjects(tree: unknown, session: Session): void {
  for (const target of targetsIn(tree, 0)) {
    if (target.reference !== null && !target.lazy) objects.outlive(target.reference, session);
  }
}

/** As deep as arrays are looked for, which has been done when this is called. */
function* targetsIn(tree: unknown, depth: number): Generator<Target> {
  const target = targetOf(tree);
  if (target !== undefined) yield target;
  else if (typeof tree === 'object' && tree !== null && !isTensor(tree) && depth < MOST_LEVELS) {
    const isData =
      Array.isArray(tree) || [Object.prototype, null].includes(Object.getPrototypeOf(tree) as object | null);
    if (isData) for (const item of Object.values(tree)) yield* targetsIn(item, depth + 1);
  }
}
