// Where an installation is tried: a folder of this machine, or of another system below its root; in either nothing but
// Node.js and npm is on the path.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { capture } from '../setup/process.mjs';

const npmFolder = () => dirname(dirname(realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim())));

/**
 * Makes the folder, with an empty `app` in it.
 * @param {string} registry where its packages come from
 * @param {string | undefined} system the folder that is another system's root; entering it needs the rights of this one's
 */
export function makePlace(registry, system) {
  const path = mkdtempSync(join(system === undefined ? tmpdir() : join(system, 'tmp'), 'mlx-router-install-'));
  const app = join(path, 'app');
  for (const folder of ['bin', 'app']) mkdirSync(join(path, folder));
  if (system === undefined) {
    symlinkSync(process.execPath, join(path, 'bin', 'node'));
    symlinkSync(npmFolder(), join(path, 'npm'));
  } else {
    cpSync(realpathSync(process.execPath), join(path, 'bin', 'node'));
    cpSync(npmFolder(), join(path, 'npm'), { recursive: true });
  }
  const inside = (whole) => (system === undefined ? whole : whole.slice(system.length));
  // What a person's shell sets, and no more: no compiler, no Python, no settings of npm.
  const bin = inside(join(path, 'bin'));
  const env = { HOME: inside(path), PATH: bin, LANG: 'C.UTF-8' };
  const enter = system === undefined ? [] : entered(system, inside(app));
  /** Runs Node.js there, in `app`; its output, and how long it took. */
  async function node(...args) {
    const began = performance.now();
    const [command, ...rest] = [...enter, join(inside(path), 'bin', 'node'), ...args];
    const { code, stdout, stderr } = await capture(command, rest, { env, cwd: app });
    if (code !== 0) throw new Error(`node ${args.join(' ')} ended with code ${code}:\n${stdout}${stderr}`);
    return { stdout, stderr, seconds: (performance.now() - began) / 1000 };
  }
  const npm = inside(join(path, 'npm', 'bin', 'npm-cli.js'));
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--registry', registry];
  return {
    app,
    node,
    /** Installs a package there, as a stranger would. */
    install: (name) => node(npm, 'install', name, ...options),
    /** Writes files of `app`, by their paths in it. */
    write(contents) {
      for (const [name, text] of Object.entries(contents)) {
        mkdirSync(join(app, name, '..'), { recursive: true });
        writeFileSync(join(app, name), text);
      }
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** In a mount namespace of its own, which has /proc as every container does and ends with the program. */
function entered(system, folder) {
  const script = '/bin/mount -t proc proc "$0/proc" && exec /usr/sbin/chroot "$0" /usr/bin/env --chdir="$@"';
  return ['/usr/bin/unshare', '--mount', '/bin/sh', '-c', script, system, folder];
}
