// `npm run fuzz`: see docs/reliability.md.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { SIDES, type Side } from './attack.ts';
import { attack } from './campaign.ts';
import { corpus, remember } from './corpus.ts';
import { describeFault, figures, table } from './report.ts';

const USAGE = `Usage: npm run fuzz -- [options]

  --minutes N       how long programs are drawn, after the corpus (1)
  --seed N          which programs; a new number each time unless given
  --side SIDE       native or python; both unless given
  --processes N     at once; one for each core, and for each side, unless given
  --hang-seconds N  a step that takes longer is a hang (20)
  --memory GIB      data that a process may have (4)
  --replay JSON     a list of steps to run, in place of the corpus and of what is drawn
  --no-shrink       leave what is found as large as it is
  --no-remember     leave fuzz/corpus.jsonl as it is
  --json            the figures and faults as JSON on stdout`;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    side: { type: 'string' },
    processes: { type: 'string' },
    'hang-seconds': { type: 'string', default: '20' },
    memory: { type: 'string', default: '4' },
    replay: { type: 'string' },
    shrink: { type: 'boolean', default: true },
    remember: { type: 'boolean', default: true },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** The option as a number above 0; anything else ends the program. */
function positive(name: 'minutes' | 'seed' | 'processes' | 'hang-seconds' | 'memory', fallback: number): number {
  const number = values[name] === undefined ? fallback : Number(values[name]);
  if (Number.isFinite(number) && number >= 0) return number;
  console.error(`--${name} is "${values[name]}": expected a number from 0 up.\n\n${USAGE}`);
  process.exit(2);
}

async function main(): Promise<void> {
  const { side, replay } = values;
  if (side !== undefined && !SIDES.includes(side as Side)) {
    console.error(`--side is "${side}": expected ${SIDES.join(' or ')}.`);
    process.exit(2);
  }
  const sides = side === undefined ? SIDES : [side as Side];
  const minutes = positive('minutes', 1);
  const seed = Math.floor(positive('seed', Date.now() % 1e6));
  const say = values.json ? console.error : console.log;
  say(`seed ${seed}`);
  const result = await attack({
    seed,
    sides,
    drawMs: replay === undefined ? minutes * 60_000 : 0,
    shrinkMs: values.shrink ? Math.max(60_000, minutes * 15_000) : 0,
    processes: Math.max(1, positive('processes', Math.max(sides.length, availableParallelism()))),
    hangMs: positive('hang-seconds', 20) * 1000,
    memory: positive('memory', 4) * 2 ** 30,
    corpus: replay === undefined ? corpus() : [{ was: 'replayed', steps: JSON.parse(replay) }],
    // With the program as it was drawn: a long run need not end before one looks at it.
    onFault: ({ kind, message, side: where, steps }) =>
      say(
        `found on ${where}: ${kind}: ${message.slice(0, 200)}\n  --side ${where} --replay '${JSON.stringify(steps)}'`,
      ),
  });
  if (values.remember && replay === undefined) {
    remember(result.faults.map(({ kind, message, steps }) => ({ was: `${kind}: ${message.slice(0, 100)}`, steps })));
  }
  if (values.json) console.log(JSON.stringify({ seed, figures: figures(result), faults: result.faults }));
  else console.log([table(result), ...result.faults.map(describeFault)].join('\n\n'));
  process.exitCode = result.faults.length === 0 ? 0 : 1;
}

if (values.help) console.log(USAGE);
else await main();
