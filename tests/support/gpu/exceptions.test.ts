import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../foundation/system/package-root.ts';
import { EXCEPTIONS, reasonOnGpu } from './exceptions.ts';

/** A name is written with a place for its last word, with all of them, or as a title before the name of a row. */
function isNamed(source: string, tests: string): boolean {
  return ['%', '$']
    .map((place) => tests.replace(/(?<= )\S+$/, place))
    .concat(tests, tests.replace(/ \S+$/, "'"))
    .some((name) => source.includes(name));
}

const read = (file: string): string => readFileSync(join(packageRoot(), file), 'utf8');

it.each(EXCEPTIONS.map(({ file }) => file))('%s is a file of tests', (file) => {
  expect(read(file)).toContain("from 'vitest'");
});

it.each(EXCEPTIONS.flatMap(({ file, tests }) => (tests === undefined ? [] : [[file, tests] as const])))(
  '%s has tests named "%s"',
  (file, tests) => {
    expect(isNamed(read(file), tests)).toBe(true);
  },
);

it('tells tests apart by file and name', () => {
  expect(reasonOnGpu('/somewhere/io/round-trip.test.ts', 'npy keeps every bit of float64')).toMatch('no float64');
  expect(reasonOnGpu('/somewhere/io/round-trip.test.ts', 'npy keeps every bit of int8')).toBeUndefined();
  expect(reasonOnGpu('/somewhere/io/other.test.ts', 'npy keeps every bit of float64')).toBeUndefined();
});
