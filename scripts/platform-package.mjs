#!/usr/bin/env node
// `npm run platform-package`: packs what the set-up has built here into the npm package of this platform, and mlx-router
// itself as it is published, so that both can be installed from any registry. Needs `npm run build` for the latter. On Linux
// also the package for GPUs of NVIDIA; `--only platform`, `cuda` or `main` packs one of them.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { components, cudaComponents, notices } from './platform/components.mjs';
import { collect, collectCuda } from './platform/contents.mjs';
import { mainManifest, platformManifest } from './platform/manifests.mjs';
import { sbom } from './platform/sbom.mjs';
import { cudaTargets, targets } from './platform/targets.mjs';
import { SetupFailure } from './setup/failure.mjs';
import { paths, root } from './setup/paths.mjs';
import { capture } from './setup/process.mjs';
import { finders } from './setup/tools.mjs';

const { values: options } = parseArgs({
  options: { out: { type: 'string', default: join(paths.build, 'platform') }, only: { type: 'string' } },
});
const out = resolve(options.out);
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const json = (value) => `${JSON.stringify(value, undefined, 2)}\n`;
const ours = readJson(join(root, 'package.json'));

/** Packs the folder, and gives the path of the tarball. */
async function pack(folder) {
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', out];
  const { code, stdout, stderr } = await capture('npm', args, { cwd: folder });
  if (code !== 0) throw new SetupFailure(`npm pack failed in ${folder}: ${stderr}`);
  return join(out, stdout.trim().split('\n').at(-1));
}

function emptyFolder(name) {
  const folder = join(out, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

function setUp() {
  if (!existsSync(paths.manifest)) throw new SetupFailure('nothing is built', 'npm run setup');
  return readJson(paths.manifest);
}

async function packPlatform() {
  const target = `${process.platform}-${process.arch}`;
  if (targets[target] === undefined) {
    throw new SetupFailure(`there is no package for ${target}`, `one of ${Object.keys(targets).join(', ')}`);
  }
  const setup = setUp();
  const [folder, work] = [emptyFolder(target), emptyFolder('work')];
  const { command: compiler } = await finders.compiler();
  const built = await collect({ folder, work, setup, arch: process.arch, compiler });
  return finish({ target, folder, setup, built, inside: components(setup) });
}

/** For GPUs of NVIDIA; none where there is no such package. */
async function packCuda() {
  const target = `${process.platform}-${process.arch}-cuda`;
  if (cudaTargets[target] === undefined) return `no package for ${target}`;
  const setup = setUp();
  const folder = emptyFolder(target);
  const built = await collectCuda({ folder, setup });
  return finish({ target, folder, setup, built, inside: cudaComponents(setup) });
}

/** Adds to the files what npm and the loader read, and what their licences ask for; packs all of it. */
async function finish({ target, folder, setup, built, inside }) {
  const files = readdirSync(folder).sort();
  const manifest = platformManifest(ours, target, [...files, 'platform.json', 'sbom.cdx.json', 'THIRD-PARTY-NOTICES']);
  const facts = { mlxRouter: ours.version, mlxVersion: setup.mlxVersion, mlxCVersion: setup.mlxCVersion, ...built };
  writeFileSync(join(folder, 'package.json'), json(manifest));
  writeFileSync(join(folder, 'platform.json'), json(facts));
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES'), notices(inside));
  const list = sbom({ name: manifest.name, version: ours.version, folder, files, components: inside });
  writeFileSync(join(folder, 'sbom.cdx.json'), json(list));
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const how = target.endsWith('-cuda')
    ? `Install it beside \`mlx-router\`, with ${built.wheel} from PyPI`
    : 'Installed with `mlx-router`';
  writeFileSync(join(folder, 'README.md'), `# ${manifest.name}\n\n${manifest.description} ${how}.\n`);
  return pack(folder);
}

/** mlx-router's own tarball, with the manifest that it is published with. */
async function packMain() {
  if (!existsSync(join(root, 'dist', 'mlx', 'index.js'))) throw new SetupFailure('dist is not built', 'npm run build');
  const plain = await pack(root);
  const folder = emptyFolder('main');
  const { code, stderr } = await capture('tar', ['xzf', plain, '--strip-components=1', '-C', folder]);
  if (code !== 0) throw new SetupFailure(`tar failed: ${stderr}`);
  writeFileSync(join(folder, 'package.json'), json(mainManifest(readJson(join(folder, 'package.json')))));
  return pack(folder);
}

try {
  mkdirSync(out, { recursive: true });
  for (const [name, work] of Object.entries({ platform: packPlatform, cuda: packCuda, main: packMain })) {
    if (options.only === undefined || options.only === name) console.log(await work());
  }
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  console.error(error.message);
  if (error.repair) console.error(`  ${error.repair}`);
  process.exitCode = 1;
}
