// Installs mlx-router from a registry into an empty place, as a stranger would, and runs a program there.
import { copyFileSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../native-backend/sources.mjs';
import { root } from '../setup/paths.mjs';
import { expect } from './expect.mjs';
import { makePlace } from './place.mjs';

/** What an installation and its first program may take; in bytes, all that then lies in node_modules. */
const MOST = { seconds: 15, bytes: 60e6 };

function checkProgram(said) {
  expect('the native product', said.product, [
    [19, 22],
    [43, 50],
  ]);
  expect('the factors of LAPACK', said.factors, [
    [3, 3],
    [3, 3],
  ]);
  expect('the gradient of a layer', said.trained, [3, 4]);
  expect('the compiled function', said.fused, [
    [4, 6],
    [8, 10],
  ]);
  expect('Python, where there is none', said.python, {
    name: 'BackendUnavailableError',
    code: 'ERR_MLX_BACKEND_UNAVAILABLE',
  });
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  // From these versions on Node.js gives CommonJS what is an ES module.
  const gives = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  expect('require', said.required, gives ? true : 'ERR_REQUIRE_ESM');
  const target = `@mlx-router/${process.platform}-${process.arch}/`;
  for (const path of [said.native.details.addon, ...(said.libmlx === null ? [] : [said.libmlx])]) {
    if (!String(path).includes(target)) throw new Error(`${path} is not the file of ${target}`);
  }
  const builds = said.installed.filter((name) =>
    /^(fast-check|fastify|cmake-js|node-addon-api|@types\/node|node-gyp)$/.test(name),
  );
  expect('packages that only some programs need', builds, []);
}

/**
 * Installs, runs, checks, and gives a line that says how it went.
 * @param {{ registry: string, system?: string, timed?: boolean, then?: (place: any) => Promise<void> }} options
 *   `system`: another system's root to do it in; `timed`: the machine is quiet, so that time counts; `then`: what else to try before the place is removed
 */
export async function checkInstallation({ registry, system, timed = false, then }) {
  const place = makePlace(registry, system);
  try {
    place.write({ 'package.json': '{ "type": "module", "private": true }\n' });
    copyFileSync(join(root, 'scripts', 'install', 'program.mjs'), join(place.app, 'program.mjs'));
    const installing = await place.install('mlx-router');
    const running = await place.node('program.mjs');
    const { packages } = JSON.parse(readFileSync(join(place.app, 'node_modules', '.package-lock.json'), 'utf8'));
    const installed = Object.keys(packages).map((path) => path.split('node_modules/').at(-1));
    checkProgram({ ...JSON.parse(running.stdout), installed });
    const bytes = filesBelow(join(place.app, 'node_modules')).reduce((sum, file) => sum + lstatSync(file).size, 0);
    const seconds = installing.seconds + running.seconds;
    const size = `${(bytes / 1e6).toFixed(1)} MB`;
    const line = `${installed.length} packages of ${size} installed in ${installing.seconds.toFixed(1)} s, program in ${running.seconds.toFixed(1)} s`;
    if ((timed && seconds > MOST.seconds) || bytes > MOST.bytes) throw new Error(`too much: ${line}`);
    await then?.(place);
    return line;
  } finally {
    place.remove();
  }
}
