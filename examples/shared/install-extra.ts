import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { internals } from '../../mlx/index.ts';

const PYPROJECT = new URL('../../pyproject.toml', import.meta.url);

/**
 * Installs the one requirement of an extra of pyproject.toml into a folder of its own, if it is not there yet. NumPy, all
 * that it may depend on, is in the workers' Python already.
 * @returns whether it is there now; the console says why not.
 */
export async function installExtra(extra: string, folder: string): Promise<boolean> {
  const requirement = new RegExp(`^${extra} = \\["([^"]+)"\\]$`, 'm').exec(readFileSync(PYPROJECT, 'utf8'))?.[1];
  const { python } = internals.pythonBackend.status(false).details;
  if (requirement === undefined || typeof python !== 'string') {
    console.error(`There is no Python, or no extra "${extra}" in pyproject.toml. Run "npm run setup" first.`);
    return false;
  }
  const note = join(folder, 'installed.txt');
  if (existsSync(note) && readFileSync(note, 'utf8') === requirement) return true;
  const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--upgrade', '--target', folder, requirement];
  const { exitCode } = await execa(python, args, { stdio: 'inherit', reject: false });
  if (exitCode !== 0) return false;
  writeFileSync(note, requirement);
  console.log(`Installed ${requirement}.`);
  return true;
}
