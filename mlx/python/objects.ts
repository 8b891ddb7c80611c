import { ArgumentError } from '../../registry/errors.ts';
import type { Prefetch, RemotePlace, RemotePort } from '../../registry/remote-objects.ts';
import { isTensor } from '../../router/tensor.ts';
import { pythonBackend, router } from '../runtime.ts';
import { Proxies, placeOf, targetOf } from './proxy.ts';

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
