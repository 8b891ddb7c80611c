import { readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** Counts for a step that is a test by itself. */
export const asOne = (code) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 });

export function add(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** A runner that failed without naming a failed test (it crashed, or found none) still counts as one failure. */
export function atLeastOneFailure(counts, code) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** What a step's log says of tests so far: how many are through, and in which file the last ones were; else nothing. */
export function soFar(log) {
  const files = [...log.matchAll(/^ [✓❯] (\S+\.test\.\S+) \((\d+) tests?\b(?:.*?(\d+) failed)?/gmu)];
  const last = files.at(-1);
  if (last === undefined) return '';
  const failed = files.reduce((sum, [, , , count = '0']) => sum + Number(count), 0);
  const done = files.reduce((sum, [, , count]) => sum + Number(count), 0);
  const counts = [`${done - failed} tests passed so far`, ...(failed > 0 ? [`${failed} failed`] : [])];
  return [...counts, `last ${last[1]}`].join(', ');
}

/** The counts in the report of vitest's JSON reporter. */
export function vitestCounts(path) {
  const report = JSON.parse(readFileSync(path, 'utf8'));
  // A file that fails before its first test has a status and no tests.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** The counts in the JSON of `cli parity`: one test for each operation; one with a known gap counts as skipped. */
export function parityCounts(path) {
  const statuses = JSON.parse(readFileSync(path, 'utf8')).operations.map((operation) => operation.status);
  const passed = statuses.filter((status) => status === 'passed').length;
  const failed = statuses.filter((status) => status === 'failed').length;
  return { passed, failed, skipped: statuses.length - passed - failed };
}

/** The counts in a JUnit report, as pytest writes it. */
export function junitCounts(path) {
  const suite = /<testsuite [^>]*>/.exec(readFileSync(path, 'utf8'))?.[0] ?? '';
  const number = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = number('failures') + number('errors');
  return { passed: number('tests') - failed - number('skipped'), failed, skipped: number('skipped') };
}
