import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { add, asOne, atLeastOneFailure, junitCounts, parityCounts, soFar, vitestCounts } from './counts.mjs';

const folder = mkdtempSync(join(tmpdir(), 'counts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function report(text) {
  const path = join(folder, 'report');
  writeFileSync(path, text);
  return path;
}

test('errors and failures of pytest both count as failed', () => {
  const path = report('<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" />');
  expect(junitCounts(path)).toEqual({ passed: 4, failed: 3, skipped: 3 });
});

test('a test file that broke before its first test counts as failed', () => {
  const path = report(
    JSON.stringify({
      numPassedTests: 5,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [
        { status: 'failed', assertionResults: [] },
        { status: 'failed', assertionResults: [{ status: 'failed' }] },
        { status: 'passed', assertionResults: [] },
      ],
    }),
  );
  expect(vitestCounts(path)).toEqual({ passed: 5, failed: 2, skipped: 3 });
});

test('an operation with a known gap in its parity counts as skipped', () => {
  const operations = ['passed', 'failed', 'gap', 'passed'].map((status) => ({ status }));
  expect(parityCounts(report(JSON.stringify({ operations })))).toEqual({ passed: 2, failed: 1, skipped: 1 });
});

test('a runner that ends badly without a failed test counts as one failure', () => {
  const none = { passed: 3, failed: 0, skipped: 0 };
  expect(atLeastOneFailure(none, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  expect(atLeastOneFailure(none, 0)).toBe(none);
  expect(add(none, asOne(1))).toEqual({ passed: 3, failed: 1, skipped: 0 });
});

test('a log says how far its tests are', () => {
  expect(soFar('$ vitest run\n RUN  v4.1.12 /work\n')).toBe('');
  const passed =
    ' ✓ a/one.test.ts (3 tests) 21ms\n     ✓ takes long  3125ms\n ✓ b/two.test.mjs (1 test | 1 skipped) 4ms\n';
  expect(soFar(passed)).toBe('4 tests passed so far, last b/two.test.mjs');
  const failed = ' ❯ c.test.ts (5 tests | 2 failed) 99ms\n';
  expect(soFar(passed + failed)).toBe('7 tests passed so far, 2 failed, last c.test.ts');
});
