// Kills random workers of a program, many times, and says as JSON what became of its results:
//   node --import tsx python-bridge/test-support/soak-kills.ts --runs 50 --operations 10000 --workers 4 --seed 1
import { parseArgs } from 'node:util';
import { program, random } from './kills.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '50' },
    operations: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
});
const operations = Number(values.operations);
const workers = Number(values.workers);
const seed = Number(values.seed);

const undisturbed = await program({ operations, workers, seed, nextKill: () => null });
const next = random(seed + 7);
const total = { runs: 0, kills: 0, equal: 0, lost: 0, different: 0, longestOperationMs: 0 };
for (let run = 0; run < Number(values.runs); run++) {
  let left = 1;
  const outcome = await program({
    operations,
    workers,
    seed,
    nextKill: () => (left-- > 0 ? 1 + Math.floor(next() * (operations / workers - 1)) : null),
  });
  total.runs += 1;
  process.stderr.write(`${run + 1} (${Math.round(outcome.longest)} ms) `);
  total.kills += outcome.kills;
  total.longestOperationMs = Math.max(total.longestOperationMs, Math.round(outcome.longest));
  for (const [i, result] of outcome.results.entries()) {
    if (result === undisturbed.results[i]) total.equal += 1;
    else if (result === null) total.lost += 1;
    else total.different += 1;
  }
}
console.log(
  JSON.stringify({ operations, workers, seed, ...total, undisturbedLongestMs: Math.round(undisturbed.longest) }),
);
process.exitCode = total.different === 0 && total.lost === 0 ? 0 : 1;
