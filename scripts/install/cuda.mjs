// The package for GPUs of NVIDIA where there is none: the library of the platform's package stands in for the one of MLX's
// wheel, which tells whether the files are found and fit. What a GPU computes is not tried.
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from './expect.mjs';

const program = `import { readFileSync } from 'node:fs';
import { core as mx, internals } from 'mlx-router';
const said = [];
process.on('warning', ({ name, message }) => said.push(name + ': ' + message));
const sum = mx.matmul(mx.ones([2, 3]), mx.ones([3, 2]), { implementation: 'native' }).tolist().join();
const mapped = readFileSync('/proc/self/maps', 'utf8').split('\\n').map((line) => line.split(/\\s+/)[5]);
const libmlx = [...new Set(mapped.filter((path) => path?.endsWith('/libmlx.so')))];
setImmediate(() => console.log(JSON.stringify({ sum, libmlx, said, native: internals.nativeBackend.status(true) })));
`;

/** @param {any} place */
export async function cuda(place) {
  const name = `@mlx-router/${process.platform}-${process.arch}-cuda`;
  await place.install(name);
  place.write({ 'gpu.mjs': program });
  const run = async () => JSON.parse((await place.node('gpu.mjs')).stdout);
  const installed = (...path) => join(place.app, 'node_modules', '@mlx-router', ...path);
  const plain = name.split('/')[1].replace('-cuda', '');

  const without = await run();
  expect('the product without the wheel', without.sum, '3,3,3,3');
  expect('the library without the wheel', without.libmlx, [installed(plain, 'libmlx.so')]);
  const [warning = ''] = without.said;
  for (const part of [`${name} cannot be used`, 'found no mlx-cuda-13', 'mlx-router python install --device cuda']) {
    if (!warning.includes(part)) throw new Error(`the warning lacks "${part}": ${warning}`);
  }

  const { wheel } = JSON.parse(readFileSync(installed(`${plain}-cuda`, 'platform.json'), 'utf8'));
  const [distribution, version] = wheel.split('==');
  const site = join(place.app, 'node_modules', 'mlx-router', '.venv', 'lib', 'python3.12', 'site-packages');
  const lib = join(site, 'mlx', 'lib');
  mkdirSync(join(site, `${distribution.replaceAll('-', '_')}-${version}.dist-info`), { recursive: true });
  mkdirSync(lib, { recursive: true });
  for (const file of ['libmlx.so', 'libmlxrouter_compat.so']) cpSync(installed(plain, file), join(lib, file));
  const found = await run();
  expect('the product with the wheel', [found.sum, found.said], ['3,3,3,3', []]);
  expect('the library with the wheel', found.libmlx, [join(lib, 'libmlx.so')]);

  // As on a machine without a driver: the library needs another one that is not there.
  rmSync(join(lib, 'libmlxrouter_compat.so'));
  const lacking = await run();
  expect('the library where one is missing', lacking.libmlx, [installed(plain, 'libmlx.so')]);
  if (!lacking.said[0]?.includes('libmlxrouter_compat.so: cannot open')) {
    throw new Error(`the warning does not name what is missing: ${lacking.said[0]}`);
  }
}
