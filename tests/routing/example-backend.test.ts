// The interface of backends, proven by one that was written from it: it is routed to by its name, beside the real two.
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ArgumentError,
  ConfigurationError,
  DisposedError,
  UnsupportedOperationError,
} from '../../foundation/errors/errors.ts';
import { float32, int32 } from '../../foundation/values/dtypes.ts';
import { decode, encode } from '../../foundation/values/elements.ts';
import { NativeBackend } from '../../native-backend/index.ts';
import { PythonBackend } from '../../python-bridge/index.ts';
import { Registry } from '../../registry/registry.ts';
import { Router } from '../../router/router.ts';
import type { ShadowReport } from '../../router/telemetry/shadow.ts';
import { handleAt, type Tensor } from '../../router/tensors/tensor.ts';
import { ExampleBackend } from '../support/example-backend.ts';

const NAME = 'example.arrays';
const registry = new Registry();
const native = new NativeBackend();
const python = new PythonBackend({ operations: () => registry.all(), allowModules: [] });
const isNever = (value: unknown): value is never => value === isNever;

function routerWith(...added: ExampleBackend[]): Router {
  return new Router({
    registry,
    backends: { native, python },
    added,
    nextKey: () => tensor(0),
    placesOf: () => [],
    isStream: isNever,
  });
}

let router = routerWith(new ExampleBackend());
beforeEach(() => {
  router = routerWith(new ExampleBackend());
});
afterAll(() => router.shutdown());

const tensor = (...values: number[]) => router.create(encode(values, float32), [values.length], float32);
const call = (name: string, ...args: unknown[]) => router.call(router.prepare(name), args) as Tensor;
const values = (of: Tensor) => decode(router.read(of), router.info(of).dtype);
const ways = () =>
  router.telemetry.tallies().flatMap(({ operation, implementation, reason }) => {
    return reason === 'resident' ? [] : [`${operation}: ${implementation} ${reason}`];
  });

describe('a backend that was added', () => {
  it('is asked first for what it has', () => {
    const a = tensor(1, 2, 3);
    expect(values(call('add', a, tensor(10, 20, 30)))).toEqual([11, 22, 33]);
    expect(values(call('multiply', a, 2))).toEqual([2, 4, 6]);
    expect(values(call('sum', a))).toEqual([6]);
    expect(ways().sort()).toEqual([`add: ${NAME} preferred`, `multiply: ${NAME} preferred`, `sum: ${NAME} preferred`]);
  });

  it('leaves what it lacks to the others, with their reasons', () => {
    const a = call('add', tensor(0, 1), 0);
    expect(values(call('square', a))).toEqual([0, 1]);
    expect(ways()).toContain('square: native ported');
    router.configure({ preferNative: false });
    expect(values(call('square', a))).toEqual([0, 1]);
    expect(ways()).toContain('square: python preferred');
  });

  it('gets and gives copies, one for each array and side', () => {
    const a = tensor(1, 2);
    const sum = call('add', a, a);
    expect([handleAt(a, 'native'), handleAt(a, NAME)]).not.toContain(null);
    call('add', a, a);
    expect(router.telemetry.transfers()).toMatchObject({ [NAME]: { count: 1, bytes: 8 }, native: { count: 0 } });
    expect(sum.native).toBeNull();
    expect(values(call('square', sum))).toEqual([4, 16]);
    expect(router.telemetry.transfers()).toMatchObject({ native: { count: 1, bytes: 8 } });
  });

  it('agrees with native, as a shadow says', () => {
    const reports: ShadowReport[] = [];
    router.onShadow = (report) => reports.push(report);
    router.configure({ shadow: 1 });
    const block = router.create(encode([1, 2, 3, 4, 5, 6], float32), [2, 3], float32);
    for (const axes of [0, -1, null, [0, 1]]) for (const keepdims of [true, false]) call('sum', block, axes, keepdims);
    call('multiply', block, tensor(1, 2, 3));
    call('add', 1, block);
    expect(reports.length).toBe(10);
    expect(reports.filter(({ difference }) => difference !== undefined)).toEqual([]);
  });

  it('prints by a copy', () => {
    expect(router.text(call('add', tensor(1), 1))).toBe('array([2], dtype=float32)');
  });

  it('runs calls that are awaited', async () => {
    expect(values((await router.callAsync(router.prepare('add'), [tensor(1), 1])) as Tensor)).toEqual([2]);
  });
});

describe('its name', () => {
  it('chooses it in a call, in a scope, and for an operation', () => {
    const a = tensor(3);
    call('add', a, a, { implementation: NAME });
    router.withImplementation(NAME, () => call('add', a, a));
    router.configure({ implementationOverrides: { add: NAME } });
    call('add', a, a);
    expect(ways().sort()).toEqual([`add: ${NAME} forced`, `add: ${NAME} override`, `add: ${NAME} scoped`]);
  });

  it('makes new arrays there', () => {
    const made = router.withImplementation(NAME, () => tensor(1, 2));
    expect([made.native, made.python]).toEqual([null, null]);
    expect(values(made)).toEqual([1, 2]);
  });

  it('is refused for what it lacks, naming both', () => {
    const refused = () => call('exp', tensor(1), { implementation: NAME });
    expect(refused).toThrow(UnsupportedOperationError);
    expect(refused).toThrow(`mx.exp: ${NAME} is forced, but does not have the operation`);
    expect(() => router.withImplementation(NAME, () => router.transforming.transformer())).toThrow(
      `transforms are not offered on the ${NAME} backend`,
    );
  });

  it('is one of those that errors list', () => {
    const wrong = 'other.arrays' as const;
    expect(() => call('add', 1, 1, { implementation: wrong })).toThrow(ArgumentError);
    expect(() => call('add', 1, 1, { implementation: wrong })).toThrow(`expected "native", "python" or "${NAME}"`);
    expect(() => router.withImplementation(wrong, () => 0)).toThrow(`expected "native", "python" or "${NAME}"`);
    expect(() => router.configure({ implementationOverrides: { add: wrong } })).toThrow(`"python" or "${NAME}"`);
    expect(() => routerWith().withImplementation(NAME, () => 0)).toThrow('expected "native" or "python", received');
  });

  it('has a dot, and is taken by no other backend', () => {
    expect(() => routerWith(new ExampleBackend(), new ExampleBackend())).toThrow(ConfigurationError);
    const plain = Object.assign(Object.create(new ExampleBackend()), { name: 'example' });
    expect(() => routerWith(plain)).toThrow('received "example"');
  });
});

describe('its arrays', () => {
  it('end when they are disposed, copies among them', () => {
    const a = tensor(1);
    const sum = call('add', a, a);
    call('square', sum);
    router.residency.dispose(sum);
    expect(router.residency.isDisposed(sum)).toBe(true);
    expect(() => call('add', sum, 1)).toThrow(DisposedError);
  });

  it('live through a tidy and a session, which it takes no part in', () => {
    const sum = router.tidy(() => call('add', tensor(1), 1));
    expect(values(sum)).toEqual([2]);
    const session = router.sessions.begin();
    const inside = router.sessions.run(session, () => call('add', tensor(2), 1));
    router.sessions.end(session);
    expect(values(inside)).toEqual([3]);
  });

  it('may be replaced, as by an operator in place', () => {
    const a = tensor(1);
    router.residency.replace(a, call('add', a, 4));
    expect(values(a)).toEqual([5]);
    expect(router.info(a).dtype).toBe(float32);
  });

  it('may have dtypes that it does not compute with', () => {
    const whole = router.create(encode([1, 2], int32), [2], int32);
    expect(() => call('add', whole, whole)).toThrow('mx.add: expected float32, received int32');
    expect(values(call('add', whole, whole, { implementation: 'native' }))).toEqual([2, 4]);
  });
});
