// Installs what `npm pack` packs as a dependency somewhere else, and uses it there: a file that is not packed, or a path
// that only holds in a checkout, fails here. The set-up's results are linked, since making them takes minutes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../native-backend/sources.mjs';
import { paths, root } from '../setup/paths.mjs';
import { checkParts, program as start } from './start.mjs';

// Below the checkout, so that the dependencies are found in its node_modules.
const app = join(paths.build, 'packed');
const installed = join(app, 'node_modules', 'mlx-router');
const typescript = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

const program = `
import { core as mx, routing } from 'mlx-router';
import { architectures, load } from 'mlx-router/lm';
import { DecoderAttention } from 'mlx-router/lm/models';
import { serve } from 'mlx-router/lm/serve';
import { Linear, Module, QuantizedLinear } from 'mlx-router/nn';
import { SGD } from 'mlx-router/optimizers';
import { calls } from 'mlx-router/parity';
import { memory } from 'mlx-router/unsafe';
import { treeFlatten } from 'mlx-router/utils';
const sum: mx.Array = mx.add(mx.array([1, 2]), 1);
const shape: readonly number[] = mx.kron(mx.eye(2), sum, { implementation: 'python' }).shape;
using range = mx.arange(3);
if (String(sum.tolist()) !== '2,3' || shape.join() !== '2,4' || range.size !== 3) throw new Error('wrong results');
const layer = new Linear(2, 3);
new SGD(0.1).update(layer, { bias: mx.ones([3]) });
if (layer.forward(sum).size !== 3 || treeFlatten(layer.parameters()).length !== 2) throw new Error('wrong modules');
if (typeof load !== 'function' || typeof serve !== 'function' || architectures.length < 11) throw new Error('wrong lm');
if (!(DecoderAttention.prototype instanceof Module)) throw new Error('wrong models');
if (QuantizedLinear.name !== 'QuantizedLinear' || mx.Session.name !== 'Session') throw new Error('wrong names');
if (typeof calls !== 'function' || typeof memory !== 'function') throw new Error('wrong exports');
const ways = routing.table().map(({ operation, implementation }) => operation + ' ' + implementation);
for (const way of ['add native', 'kron python']) if (!ways.includes(way)) throw new Error('missing: ' + way);
`;

const tsconfig = {
  // Without the types of Node.js: a user of the package need not name them.
  compilerOptions: { module: 'nodenext', target: 'es2022', strict: true, types: [] },
  files: ['program.ts'],
};

function unpack() {
  mkdirSync(installed, { recursive: true });
  const options = ['--silent', '--ignore-scripts', '--pack-destination', app];
  execFileSync('npm', ['pack', ...options], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const tarball = join(app, `mlx-router-${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}.tgz`);
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', installed]);
  const tests = filesBelow(installed).filter((path) => /\.test\.|\/tests\/|test-support|__pycache__/.test(path));
  if (tests.length > 0) throw new Error(`packed, but only of use in a checkout: ${tests.join(', ')}`);
}

/** What is compiled names no source: TypeScript does not rewrite every import. */
function checkImports() {
  const sources = filesBelow(installed).filter(
    (path) => path.endsWith('.js') && /(\bimport\(|\bfrom )['"]\.[^'"]+\.ts['"]/.test(readFileSync(path, 'utf8')),
  );
  if (sources.length > 0) throw new Error(`packed, but naming sources that are not: ${sources.join(', ')}`);
}

function linkSetUp() {
  symlinkSync(paths.venv, join(installed, '.venv'));
  mkdirSync(join(installed, 'build'));
  for (const path of ['Release', 'blas', 'setup.json']) {
    symlinkSync(join(paths.build, path), join(installed, 'build', path));
  }
}

const node = (...args) => execFileSync(process.execPath, args, { cwd: app, stdio: 'inherit', timeout: 300_000 });

rmSync(app, { recursive: true, force: true });
try {
  unpack();
  checkImports();
  checkParts(join(installed, 'dist'));
  linkSetUp();
  writeFileSync(join(app, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify(tsconfig));
  writeFileSync(join(app, 'program.ts'), program);
  writeFileSync(join(app, 'start.js'), start);
  node(typescript);
  node('program.js');
  node('start.js');
  const cli = join(installed, 'dist', 'cli', 'main.js');
  node(cli, 'ops');
  node(cli, 'parity', '--op', 'add', '--runs', '5');
  node(cli, 'bench', '--row', 'add', '--rounds', '1');
  node(cli, 'setup', '--help');
} finally {
  rmSync(app, { recursive: true, force: true });
}
