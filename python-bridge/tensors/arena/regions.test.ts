import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Region, Regions } from './regions.ts';

it('gives regions that never overlap, are aligned and lie inside', () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 700 }), fc.constant('give' as const)), { maxLength: 80 });
  fc.assert(
    fc.property(steps, fc.infiniteStream(fc.nat()), (plan, picks) => {
      const regions = new Regions(4096);
      const held: Region[] = [];
      for (const step of plan) {
        if (step === 'give') {
          const [given] = held.splice(picks.next().value % Math.max(held.length, 1), 1);
          if (given !== undefined) regions.give(given);
          continue;
        }
        const region = regions.take(step);
        if (region === null) continue;
        expect(region.offset % 64).toBe(0);
        expect(region.offset + region.bytes).toBeLessThanOrEqual(regions.size);
        for (const other of held) {
          const apart = region.offset >= other.offset + other.bytes || other.offset >= region.offset + region.bytes;
          expect(apart).toBe(true);
        }
        held.push(region);
      }
      for (const region of held) regions.give(region);
      expect(regions.empty).toBe(true);
      expect(regions.take(4096)).toEqual({ offset: 0, bytes: 4096 });
    }),
  );
});

it('gives nothing that is larger than any gap, and a region again once it was given back', () => {
  const regions = new Regions(256);
  const first = regions.take(128);
  expect(regions.take(129)).toBeNull();
  regions.give(first as Region);
  expect(regions.take(256)).toEqual({ offset: 0, bytes: 256 });
  expect(regions.take(1)).toBeNull();
});
