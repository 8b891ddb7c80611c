// What is inside the built files, with whose licence: for the notices and the list of components of a platform package.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SetupFailure } from '../setup/failure.mjs';
import { packageFolder, paths, root } from '../setup/paths.mjs';
import { BSD_3_CLAUSE, MIT } from './licences.mjs';

/** @typedef {{ name: string, version?: string, licence: string, purl?: string, source: string, notice: string }} Component */

function licenceOf(folder, what) {
  const file = existsSync(folder) && readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (!file) throw new SetupFailure(`no licence of ${what} in ${folder}`);
  return readFileSync(join(folder, file), 'utf8').trim();
}

/** The folder with the licences of an installed wheel. */
function wheelLicence(site, name, version) {
  return licenceOf(join(site, `${name}-${version}.dist-info`, 'licenses'), name);
}

/** Of the package of a platform. */
export function components(setup) {
  const source = 'stripped, and told to look for other libraries under other names';
  const [ours, ...compiled] = insideAddon(setup);
  const { site, mlx } = wheelOf(setup);
  return [
    ours,
    { ...mlx, source: `libmlx of the wheel ${mlx.wheel}, ${source}` },
    ...compiled,
    ...insideMlx(),
    ...(process.platform === 'linux' ? openblas(setup, site) : []),
  ].map(plain);
}

/** Of the package for GPUs of NVIDIA, which holds none of MLX but what its headers have put into the addon. */
export function cudaComponents(setup) {
  const [ours, ...compiled] = insideAddon(setup);
  return [ours, { ...wheelOf(setup).mlx, source: 'headers, compiled into the addon' }, ...compiled].map(plain);
}

/** @returns {Component} */
const plain = ({ wheel: _wheel, ...component }) => component;

function wheelOf(setup) {
  const site = resolve(root, setup.mlxLibDir, '..', '..');
  const wheel = { cpu: 'mlx_cpu', metal: 'mlx_metal' }[setup.device] ?? 'mlx';
  const notice = wheelLicence(site, wheel, setup.mlxVersion);
  const purl = `pkg:pypi/${wheel}@${setup.mlxVersion}`;
  return { site, mlx: { name: 'mlx', version: setup.mlxVersion, licence: 'MIT', purl, wheel, notice } };
}

function insideAddon(setup) {
  const ours = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const napi = packageFolder('node-addon-api');
  const napiVersion = JSON.parse(readFileSync(join(napi, 'package.json'), 'utf8')).version;
  return [
    {
      ...{ name: 'mlx-router', version: ours.version, licence: 'MIT', purl: `pkg:npm/mlx-router@${ours.version}` },
      ...{ source: 'the npm package mlx-router', notice: licenceOf(root, 'mlx-router') },
    },
    {
      ...{ name: 'mlx-c', version: setup.mlxCVersion, licence: 'MIT', source: 'compiled into the addon' },
      notice: licenceOf(paths.vendoredSource, 'mlx-c'),
    },
    {
      ...{
        name: 'node-addon-api',
        version: napiVersion,
        licence: 'MIT',
        purl: `pkg:npm/node-addon-api@${napiVersion}`,
      },
      ...{ source: 'headers, compiled into the addon', notice: licenceOf(napi, 'node-addon-api') },
    },
  ];
}

/** What MLX compiles into its library; its wheel does not say which versions. */
function insideMlx() {
  const source = 'compiled into libmlx';
  return [
    {
      name: 'fmt',
      licence: 'MIT',
      source,
      notice: MIT('Copyright (c) 2012 - present, Victor Zverovich and {fmt} contributors'),
    },
    { name: 'nlohmann-json', licence: 'MIT', source, notice: MIT('Copyright (c) 2013-2025 Niels Lohmann') },
    { name: 'gguf-tools', licence: 'MIT', source, notice: MIT('Copyright (c) 2023 Salvatore Sanfilippo') },
    {
      ...{ name: 'pocketfft', licence: 'BSD-3-Clause', source },
      notice: BSD_3_CLAUSE('Copyright (C) 2010-2018 Max-Planck-Society'),
    },
  ];
}

function openblas({ blas }, site) {
  const version = blas.split(' ').at(-1);
  const source = 'libscipy_openblas of the wheel scipy-openblas32, stripped';
  // One text for OpenBLAS, LAPACK, libgfortran and libquadmath: the wheel's own, which names each of them.
  const notice = wheelLicence(site, 'scipy_openblas32', version);
  const inside = (name, licence) => ({ name, licence, source: 'compiled into libscipy_openblas', notice: '' });
  return [
    {
      name: 'OpenBLAS',
      version,
      licence: 'BSD-3-Clause',
      purl: `pkg:pypi/scipy-openblas32@${version}`,
      source,
      notice,
    },
    inside('LAPACK', 'BSD-3-Clause'),
    inside('libgfortran', 'GPL-3.0-only WITH GCC-exception-3.1'),
    inside('libquadmath', 'LGPL-2.1-or-later'),
  ];
}

/** The text of THIRD-PARTY-NOTICES. */
export function notices(list) {
  const parts = list.map(({ name, version, licence, source, notice }) => {
    const head = `${name}${version ? ` ${version}` : ''} (${licence}): ${source}`;
    return `${'='.repeat(80)}\n${head}\n${'='.repeat(80)}\n\n${notice || 'See OpenBLAS above.'}\n`;
  });
  return `The files of this package contain the following software.\n\n${parts.join('\n')}`;
}
