#!/usr/bin/env node
// `npm test`: the set-up and every check and test of the project, in a fresh clone too. The last line sums up the tests
// of all runners; a check that is no test runner counts as one.
import { add, asOne } from './check/counts.mjs';
import { runSetUp } from './check/set-up.mjs';

function finish(counts) {
  console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
}

if (runSetUp()) {
  console.log();
  // Imported late: what to check is read off the checkout that the set-up has completed.
  const [{ runSteps }, { checkSteps }] = await Promise.all([import('./check/run.mjs'), import('./check/steps.mjs')]);
  const { counts } = await runSteps(checkSteps);
  finish(add(counts, asOne(0)));
} else {
  finish(asOne(1));
}
