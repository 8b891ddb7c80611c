import { describe, expect, it } from 'vitest';
import { POOL_LIMITS } from '../../foundation/system/limits.ts';
import { float32 } from '../../foundation/values/dtypes.ts';
import { Scalar } from '../../foundation/values/values.ts';
import { Settings } from '../options.ts';
import type { PythonWorker } from '../requests/call.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import { ADD, own, RESHAPE } from '../test-support/calls.ts';
import { lostTensor } from '../test-support/remote-tensors.ts';
import { Lineage, MOST_ORIGINS } from './lineage.ts';
import { forEachOrigin, Leaf, Lost, type Origin, type Step } from './origin.ts';
import { planFor } from './plan.ts';

const holder = { exit: null } as PythonWorker;

/** A lineage over tensors of four bytes that no worker holds. */
function lineage(recoveryBytes = 2 ** 20) {
  let count = 0;
  const made = new Lineage(
    new Settings({ allowModules: [], operations: () => [], limits: { ...POOL_LIMITS, recoveryBytes } }),
    () => ADD,
  );
  const tensor = (): RemoteTensor => {
    count += 1;
    return lostTensor(count);
  };
  return {
    lineage: made,
    at: (tensor: RemoteTensor) => tensor,
    leaf(): RemoteTensor {
      const leaf = tensor();
      made.brought(leaf, new Uint8Array(4));
      return leaf;
    },
    add(a: RemoteTensor, b: RemoteTensor | Scalar): RemoteTensor {
      const sum = tensor();
      made.madeOne(made.calling(ADD, [a, b], undefined), sum);
      return sum;
    },
    free(tensor: RemoteTensor): void {
      made.forget(tensor);
    },
  };
}

const one = new Scalar(1, float32);

describe('the lineage', () => {
  it('of a freed tensor is kept as long as what was made from it', () => {
    const { lineage: all, leaf, add, free } = lineage();
    const a = leaf();
    const b = add(a, a);
    const c = add(b, one);
    free(a);
    free(b);
    expect(all.origins).toBe(3);
    expect(all.bytes).toBe(4);
    free(c);
    expect({ origins: all.origins, bytes: all.bytes }).toEqual({ origins: 0, bytes: 0 });
  });

  it('of 100,000 calls in a row is planned and dropped without a deep stack', () => {
    const { lineage: all, leaf, add, free, at } = lineage();
    let a = leaf();
    for (let i = 0; i < 100_000; i++) {
      const next = add(a, one);
      free(a);
      a = next;
    }
    expect(all.origins).toBe(100_001);
    const plan = planFor([at(a).origin as Origin], holder);
    expect(plan.order.length).toBe(100_001);
    expect(plan.broken.size).toBe(0);
    expect(plan.order[0]).toMatchObject({ how: expect.any(Leaf) });
    free(a);
    expect(all.origins).toBe(0);
  });

  it('is bounded: beyond the most that is remembered, what is made is lost with its worker', () => {
    const { lineage: all, leaf, add, at } = lineage();
    const a = leaf();
    let last = a;
    for (let i = 0; i < MOST_ORIGINS + 10; i++) last = add(a, one);
    const plan = planFor([at(last).origin as Origin], holder);
    expect([...plan.broken.values()].map(({ reason }) => reason)).toEqual([
      `${MOST_ORIGINS} operations are remembered already`,
    ]);
    expect(all.isRepeatable(at(last))).toBe(false);
  });

  it('keeps no more bytes than it may, long arguments counted', () => {
    const { lineage: all, leaf, at } = lineage(64 * 16);
    for (let i = 0; i < 1000; i++) leaf();
    expect(all.bytes).toBeLessThanOrEqual(64 * 16);
    const { lineage: other, leaf: another } = lineage(64 * 16);
    const a = another();
    const long = Array.from({ length: 100 }, () => 1);
    expect(other.calling(RESHAPE, [a, long], undefined)).toMatchObject({ reason: expect.stringContaining('too long') });
    expect(at(leaf()).origin).toMatchObject({ how: { reason: expect.stringContaining('not kept') } });
  });

  it('is cut where bytes are kept', () => {
    const { lineage: all, leaf, add, free, at } = lineage();
    const a = leaf();
    const b = add(a, one);
    const c = add(b, one);
    free(a);
    free(b);
    all.keep(at(c).origin as Origin, at(c), new Uint8Array(4));
    expect(all.origins).toBe(1);
    all.keep(at(c).origin as Origin, at(c), new Uint8Array(4));
    expect(all.bytes).toBe(4);
  });

  it('does not change when the caller changes the lists that it has passed', () => {
    const { lineage: all, leaf } = lineage();
    const shape = [1, 1];
    const step = all.calling(RESHAPE, [leaf(), shape], undefined) as Step;
    shape[0] = 7;
    expect(step.args[1]).toEqual([1, 1]);
  });

  it('finds tensors at any depth of the arguments', () => {
    const { lineage: all, leaf, at } = lineage();
    const [a, b] = [leaf(), leaf()];
    const step = all.calling({ ...own('f'), pure: true }, [[a, { deep: [b, 'text'] }], {}], undefined) as Step;
    const found: Origin[] = [];
    forEachOrigin(step.args, (origin) => found.push(origin));
    expect(found).toEqual([at(a).origin, at(b).origin]);
  });

  it('gives the reason of the first ancestor that cannot be made again', () => {
    const { lineage: all, leaf, add, at } = lineage();
    const a = leaf();
    const b = add(a, one);
    const c = add(b, one);
    all.lose(at(a).origin as Origin, new Lost('because'));
    expect(planFor([at(c).origin as Origin], holder).broken.get(at(c).origin as Origin)?.reason).toBe('because');
  });
});
