#!/usr/bin/env node
// `npm run platform-package`: packs what the set-up has built here into the npm package of this platform, and mlx-router
// itself as it is published, so that both can be installed from any registry. Needs `npm run build` for the latter.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { components, notices } from './platform/components.mjs';
import { collect } from './platform/contents.mjs';
import { mainManifest, platformManifest } from './platform/manifests.mjs';
import { sbom } from './platform/sbom.mjs';
import { targets } from './platform/targets.mjs';
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

async function packPlatform() {
  const target = `${process.platform}-${process.arch}`;
  if (targets[target] === undefined) {
    throw new SetupFailure(`there is no package for ${target}`, `one of ${Object.keys(targets).join(', ')}`);
  }
  if (!existsSync(paths.manifest)) throw new SetupFailure('nothing is built', 'npm run setup');
  const setup = readJson(paths.manifest);
  const [folder, work] = [emptyFolder(target), emptyFolder('work')];
  const { command: compiler } = await finders.compiler();
  const built = await collect({ folder, work, setup, arch: process.arch, compiler });
  const files = readdirSync(folder).sort();
  const inside = components(setup);
  const manifest = platformManifest(ours, target, [...files, 'platform.json', 'sbom.cdx.json', 'THIRD-PARTY-NOTICES']);
  const facts = { mlxRouter: ours.version, mlxVersion: setup.mlxVersion, mlxCVersion: setup.mlxCVersion, ...built };
  writeFileSync(join(folder, 'package.json'), json(manifest));
  writeFileSync(join(folder, 'platform.json'), json(facts));
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES'), notices(inside));
  const list = sbom({ name: manifest.name, version: ours.version, folder, files, components: inside });
  writeFileSync(join(folder, 'sbom.cdx.json'), json(list));
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(
    join(folder, 'README.md'),
    `# ${manifest.name}\n\n${manifest.description} Installed with \`mlx-router\`.\n`,
  );
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
  for (const [name, work] of Object.entries({ platform: packPlatform, main: packMain })) {
    if (options.only === undefined || options.only === name) console.log(await work());
  }
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  console.error(error.message);
  if (error.repair) console.error(`  ${error.repair}`);
  process.exitCode = 1;
}
