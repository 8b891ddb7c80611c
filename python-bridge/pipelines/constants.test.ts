import { describe, expect, it } from 'vitest';
import { bool, float16, float32, int32 } from '../../foundation/values/dtypes.ts';
import { Complex, Handle, Scalar } from '../../foundation/values/values.ts';
import type { PythonWorker } from '../requests/call.ts';
import { Constants } from './constants.ts';

function constants() {
  const alive = new Map<Handle, number[]>();
  const made = new Constants({
    create(_worker, bytes) {
      const handle = new Handle(alive.size, {}, undefined);
      alive.set(handle, [...bytes]);
      return handle;
    },
    isAlive: (handle) => alive.has(handle),
    free: (handle) => alive.delete(handle),
  });
  return { made, alive };
}

const worker = {} as PythonWorker;

describe('a number among operands', () => {
  it('is a tensor from the second time on', () => {
    const { made, alive } = constants();
    const two = new Scalar(2, float32);
    expect(made.get(two, worker)).toBeNull();
    const handle = made.get(two, worker);
    expect(made.get(new Scalar(2, float32), worker)).toBe(handle);
    expect([...alive.values()]).toEqual([[...new Uint8Array(Float32Array.of(2).buffer)]]);
    expect(made.get(new Scalar(2, int32), worker)).toBeNull();
    expect(made.get(new Scalar(2, int32), worker)).not.toBe(handle);
  });

  it('is distinguished from similar ones', () => {
    const { made } = constants();
    for (const value of [1, true, 0, false, Number.NaN]) {
      for (const dtype of [float32, bool]) expect(made.get(new Scalar(value, dtype), worker)).toBeNull();
    }
    made.get(new Scalar(0, float32), worker);
    expect(made.get(new Scalar(-0, float32), worker)).toBeNull();
    expect(made.get(new Scalar(Number.NaN, float32), worker)).not.toBeNull();
  });

  it('is none where its dtype is rare', () => {
    const { made } = constants();
    for (const scalar of [new Scalar(1, float16), new Scalar(new Complex(1, 2), float32)]) {
      for (let i = 0; i < 3; i++) expect(made.get(scalar, worker)).toBeNull();
    }
  });

  it('is made again where it was freed, and for another worker', () => {
    const { made, alive } = constants();
    const two = new Scalar(2, float32);
    made.get(two, worker);
    const first = made.get(two, worker) as Handle;
    alive.delete(first);
    const second = made.get(two, worker);
    expect(second).not.toBe(first);
    const third = made.get(two, {} as PythonWorker);
    expect(third).not.toBe(second);
    expect([...alive.keys()]).toEqual([third]);
  });

  it('goes in the end, and where there are too many others', () => {
    const { made, alive } = constants();
    for (let i = 0; i < 2; i++) made.get(new Scalar(0.5, float32), worker);
    expect(alive.size).toBe(1);
    for (let i = 1; i <= 256; i++) made.get(new Scalar(i, float32), worker);
    expect(alive.size).toBe(0);
    for (let i = 0; i < 2; i++) made.get(new Scalar(0.5, float32), worker);
    made.clear();
    expect(alive.size).toBe(0);
  });
});
