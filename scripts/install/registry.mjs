// A package registry on this machine, as much of one as `npm install` asks for: it serves the tarballs of a folder, and the
// packages that mlx-router needs, packed out of node_modules on demand. It asks no other registry.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { platformManifest } from '../platform/manifests.mjs';
import { targets } from '../platform/targets.mjs';
import { root } from '../setup/paths.mjs';

/** @typedef {{ manifest: any, tarball: string | null, folder: string | null, integrity?: string }} Version */

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** @returns {Version[]} */
function packedVersions(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.tgz'))
    .map((file) => {
      const tarball = join(folder, file);
      const manifest = JSON.parse(execFileSync('tar', ['xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }));
      const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
      return { manifest, tarball, folder: null, integrity };
    });
}

/** What npm has installed here for those who only use the package. */
function installedVersions() {
  const { packages } = readJson(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(packages)
    .filter(([, entry]) => !entry.dev && !entry.link)
    .map(([path]) => join(root, path))
    .map((folder) => ({ manifest: readJson(join(folder, 'package.json')), tarball: null, folder }));
}

/** The packages of other platforms: npm has to see from their descriptions that they are not for this one. */
function otherPlatforms(ours, known) {
  return Object.keys(targets)
    .map((target) => ({ manifest: platformManifest(ours, target, []), tarball: null, folder: null }))
    .filter(({ manifest }) => !known.some((one) => one.manifest.name === manifest.name));
}

function catalogue(folder) {
  const packed = packedVersions(folder);
  const versions = [...packed, ...installedVersions()];
  versions.push(...otherPlatforms(readJson(join(root, 'package.json')), packed));
  /** @type {Map<string, Map<string, Version>>} */
  const names = new Map();
  for (const version of versions) {
    const { name } = version.manifest;
    names.set(name, (names.get(name) ?? new Map()).set(version.manifest.version, version));
  }
  return names;
}

function description(name, versions, address) {
  const listed = [...versions].map(([version, { manifest, integrity }]) => {
    const tarball = `${address}/-/tarball/${encodeURIComponent(name)}/${version}.tgz`;
    return [version, { ...manifest, scripts: undefined, dist: { tarball, ...(integrity && { integrity }) } }];
  });
  return { name, 'dist-tags': { latest: listed.at(-1)[0] }, versions: Object.fromEntries(listed) };
}

function send({ tarball, folder }, response) {
  if (tarball !== null) return createReadStream(tarball).pipe(response);
  if (folder === null) return response.writeHead(404).end();
  const args = ['cz', '--exclude', './node_modules', '--transform', 's,^\\.,package,', '-C', folder, '.'];
  return spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.pipe(response);
}

/**
 * Serves the tarballs of the folder on a free port of the loopback interface.
 * @returns {Promise<{ address: string, asked: string[], close(): void }>} `asked`: what was asked for, in order
 */
export async function serveRegistry(folder) {
  const names = catalogue(folder);
  const asked = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://registry').pathname).slice(1);
    asked.push(path);
    const [, name, version] = /^-\/tarball\/(.+)\/([^/]+)\.tgz$/.exec(path) ?? [];
    const wanted = names.get(name)?.get(version);
    if (wanted !== undefined) return send(wanted, response);
    const versions = names.get(path);
    if (versions === undefined) return response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(description(path, versions, address)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${server.address().port}`;
  return { address, asked, close: () => server.close().closeAllConnections() };
}
