import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../foundation/system/package-root.ts';
import { EXCEPTIONS, reasonOnGpu } from './exceptions.ts';

/** A name is written with a place for its last words, or with all of them. */
function isNamed(source: string, tests: string): boolean {
  return [tests, tests.replace(/\S+$/, '%'), tests.replace(/\S+$/, '$')].some((name) => source.includes(name));
}

it.each(EXCEPTIONS.map(({ file, tests }) => [file, tests ?? ''] as const))('%s has tests named "%s"', (file, tests) => {
  expect(isNamed(readFileSync(join(packageRoot(), file), 'utf8'), tests)).toBe(true);
});

it('tells tests apart by file and name', () => {
  expect(reasonOnGpu('/somewhere/io/round-trip.test.ts', 'npy keeps every bit of float64')).toMatch('no float64');
  expect(reasonOnGpu('/somewhere/io/round-trip.test.ts', 'npy keeps every bit of int8')).toBeUndefined();
  expect(reasonOnGpu('/somewhere/io/other.test.ts', 'npy keeps every bit of float64')).toBeUndefined();
});
