#!/usr/bin/env node
// `npm run check`: everything that CI asks for, after bringing the set-up up to date.
import { runSteps } from './check/run.mjs';
import { runSetUp } from './check/set-up.mjs';
import { checkSteps } from './check/steps.mjs';

if (!(await runSetUp('--quiet'))) process.exit(1);
const { ok } = await runSteps(checkSteps);
console.log(ok ? '\nEverything is in order.' : '\nSomething failed.');
process.exitCode = ok ? 0 : 1;
