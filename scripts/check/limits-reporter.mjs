import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { paths, root } from '../setup/paths.mjs';
import { loadBetween, nearLimits, remarkOn, surelyNear } from './limits.mjs';
import { processorTimes } from './processor-times.mjs';

export const limitsReport = join(paths.build, 'reports', 'limits.json');

function* timed(modules) {
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      yield {
        name: `${relative(root, module.moduleId)} > ${test.fullName}`,
        seconds: (test.diagnostic()?.duration ?? 0) / 1000,
        limit: (test.options.timeout ?? 0) / 1000,
      };
    }
  }
}

/** A reporter of vitest: lists the tests near their limits, and fails for those that took it on a quiet machine, too. */
export default class LimitsReporter {
  #before;

  onInit() {
    rmSync(limitsReport, { force: true });
    this.#before = processorTimes();
  }

  onTestRunEnd(modules) {
    const load = loadBetween(this.#before, processorTimes());
    const near = nearLimits([...timed(modules)]);
    const remark = remarkOn(near, load);
    mkdirSync(dirname(limitsReport), { recursive: true });
    writeFileSync(limitsReport, JSON.stringify({ remark, load, near }, null, 2));
    for (const { name, seconds, limit } of near)
      console.log(` took over a tenth of its limit: ${name}, ${seconds.toFixed(1)} s of ${limit} s`);
    if (remark !== '') console.log(remark);
    const sure = surelyNear(near, load);
    if (sure.length === 0) return;
    console.log(
      'The machine was quiet. Raise these limits to ten times what the tests take, or make the tests shorter:',
    );
    for (const { name, seconds } of sure) console.log(`  ${name}: at least ${Math.ceil(seconds * 10)} s`);
    process.exitCode = 1;
  }
}
