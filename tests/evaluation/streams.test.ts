import { afterEach, describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';

const initial = mx.defaultDevice();
afterEach(() => mx.setDefaultDevice(initial));

describe('streams', () => {
  const x = mx.array([1, 2, 3]);

  it('runs calls on a stream that a call names, on both backends', () => {
    const stream = mx.newStream(mx.cpu);
    for (const implementation of ['native', 'python'] as const) {
      expect(mx.sum(x, { stream, implementation }).item()).toBe(6);
    }
  });

  it('takes no other device than there are', () => {
    expect(String(new mx.Device('cpu'))).toBe('Device(cpu, 0)');
    for (const wrong of [mx.cpu, 'tpu', undefined]) {
      expect(() => new mx.Device(wrong as never)).toThrow("mx.Device: expected 'cpu' or 'gpu', received");
    }
  });

  it('uses a scope for a function, and ends it after a throw', () => {
    const stream = mx.newStream(mx.cpu);
    expect(mx.stream(stream, () => mx.defaultStream())).toBe(stream);
    expect(() =>
      mx.stream(stream, () => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(mx.defaultStream()).not.toBe(stream);
    expect(mx.stream(stream, () => mx.add(x, 1).tolist())).toEqual([2, 3, 4]);
  });

  it('ends a scope that `using` holds', () => {
    const stream = mx.newStream(mx.cpu);
    {
      using scope = mx.stream(stream);
      expect(scope.end).toBeTypeOf('function');
      expect(mx.defaultStream()).toBe(stream);
    }
    expect(mx.defaultStream()).not.toBe(stream);
  });

  it('makes a stream the default one of its device', () => {
    const stream = mx.newStream(mx.cpu);
    mx.setDefaultStream(stream);
    expect(mx.defaultStream(mx.cpu)).toBe(stream);
    expect(mx.multiply(x, x).tolist()).toEqual([1, 4, 9]);
    expect(mx.sum(x, { implementation: 'python' }).item()).toBe(6);
    mx.synchronize(stream);
    mx.synchronize();
  });

  it('refuses what is no stream', () => {
    expect(() => mx.stream('cpu' as never)).toThrow('mx.stream: expected a device (mx.cpu, mx.gpu) or a stream');
    expect(() => mx.setDefaultDevice(mx.newStream(mx.cpu) as never)).toThrow('mx.setDefaultDevice: expected a device');
    expect(() => mx.sum(x, { stream: 3 as never })).toThrow('for "stream", received the number 3');
  });
});

describe('devices', () => {
  it('gives what is there', () => {
    expect(mx.isAvailable(mx.cpu)).toBe(true);
    expect(mx.deviceCount(mx.cpu)).toBe(1);
    expect(mx.deviceInfo(mx.cpu)).toHaveProperty('architecture');
    expect(String(mx.cpu)).toBe('Device(cpu, 0)');
    expect(mx.metal.isAvailable() && mx.cuda.isAvailable()).toBe(false);
  });

  it.runIf(!mx.isAvailable(mx.gpu))('takes the CPU with one warning where there is no GPU', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    mx.setDefaultDevice(mx.gpu);
    mx.setDefaultDevice(mx.gpu);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(mx.defaultDevice()).toBe(mx.cpu);
    expect(warnings.map(({ message }) => message)).toEqual([
      'there is no GPU that MLX can use here; the CPU is used instead',
    ]);
  });
});
