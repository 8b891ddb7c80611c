import { beforeEach, describe, expect, it } from 'vitest';
import { routing } from '../test-support/routing.ts';

let { a, call, native, registry, router } = routing();

beforeEach(() => {
  ({ a, call, native, registry, router } = routing());
});

describe('the short cuts', () => {
  const prepared = () => router.prepare('abs');
  const areOff = () => prepared().direct === null && prepared().usual === null;

  it('are on in the usual case', () => {
    expect(prepared().direct).not.toBeNull();
    expect(prepared().usual).not.toBeNull();
  });

  it('are off where the operation is not ported', () => {
    native.unported.add('abs');
    expect(areOff()).toBe(true);
  });

  it.each([
    ['preferNative is off', { preferNative: false }],
    ['calls are shadowed', { shadow: 0.5 }],
    ['the operation is overridden', { implementationOverrides: { abs: 'native' } }],
    ['its family is overridden', { implementationOverrides: { unary: 'native' } }],
    ['every call has a span', { telemetry: 'spans' }],
  ] as const)('are off while %s, and back on afterwards', (_, change) => {
    prepared();
    const before = router.configuration;
    router.configure(change);
    expect(areOff()).toBe(true);
    router.configure(before);
    expect(areOff()).toBe(false);
  });

  it('stay on where another operation is overridden', () => {
    router.configure({ implementationOverrides: { exp: 'python', fft: 'python' } });
    expect(areOff()).toBe(false);
  });

  it('are off while calls are timed', () => {
    router.timeCalls(true);
    expect(areOff()).toBe(true);
    call('abs', a);
    expect(router.telemetry.tallies()[0]).toMatchObject({ operation: 'abs', calls: 1 });
    router.timeCalls(false);
    expect(areOff()).toBe(false);
  });

  it('are off inside a scope, and in an asynchronous one until it settles', async () => {
    router.withImplementation('native', () => expect(areOff()).toBe(true));
    expect(areOff()).toBe(false);
    const running = router.withImplementation('native', async () => {
      await null;
      expect(areOff()).toBe(true);
    });
    expect(areOff()).toBe(true);
    await running;
    expect(areOff()).toBe(false);
  });

  it('do not outlive the operation: one registered anew is prepared anew', () => {
    registry.add({ name: 'my.own', native: () => 1 });
    expect(call('my.own')).toBe(1);
    registry.add({ name: 'my.own', native: () => 2 });
    expect(call('my.own')).toBe(2);
  });
});
