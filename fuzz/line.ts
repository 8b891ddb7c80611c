import type { Steps } from './attack.ts';
import { isAwaited } from './awaited.ts';

const HELPERS = ['fit', 'total', 'float', 'soon', 'thread', 'gc', 'registry', 'lib', 'require'];

/** The program as one line of TypeScript, to be run from the top of the checkout. */
export function lineOf(steps: Steps): string {
  const text = steps.join('; ');
  const helpers = HELPERS.filter((name) => new RegExp(`(?<![.\\w])${name}(?=[.(])`).test(text));
  const [only] = steps;
  if (steps.length === 1 && helpers.length === 0 && !/(?<![.\w])v\[/.test(text)) {
    return `import { core as mx } from './mlx/index.ts'; ${only};`;
  }
  const names = ['mx', 'v', ...helpers].join(', ');
  const run = steps.map((step) => `${isAwaited(step) ? 'async ' : ''}() => (${step})`).join(', ');
  return `import { run, scope } from './fuzz/run.ts'; const { ${names} } = scope; await run(${run});`;
}
