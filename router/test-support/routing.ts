import { float32 } from '../../foundation/values/dtypes.ts';
import { encode } from '../../foundation/values/elements.ts';
import { Registry } from '../../registry/registry.ts';
import { Router } from '../router.ts';
import type { Configuration } from '../settings/settings.ts';
import type { Tensor } from '../tensors/tensor.ts';
import { FakeBackend } from './fake-backend.ts';

/** An operation of the user's without a port, which every such router has. */
export const PYTHON_ONLY = 'own.python_only';

/** A router between two backends that only note what they are asked, and a tensor to call it with. */
export function routing(environment: Partial<Configuration> = {}, problem?: string) {
  const native = new FakeBackend('native', float32);
  const python = new FakeBackend('python', float32);
  native.problem = problem;
  const registry = new Registry();
  registry.add({ name: PYTHON_ONLY, python: 'own:python_only' });
  const make = (values = [1, 2, 3]) => router.create(encode(values, float32), [values.length], float32);
  const router: Router = new Router({
    registry,
    backends: { native, python },
    environment,
    nextKey: () => make(),
    placesOf: () => [],
    isStream: (value): value is never => value === null,
  });
  const a = make();
  native.log.length = 0;
  return {
    native,
    python,
    registry,
    router,
    make,
    a,
    call: (name: string, ...args: unknown[]) => router.call(router.prepare(name), args) as Tensor,
    /** The ways that calls went, most frequent first. */
    ways: () => router.telemetry.tallies().map(({ implementation, reason }) => `${implementation} ${reason}`),
  };
}
