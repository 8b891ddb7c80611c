// Installs what the stage `loops` needs (the extra `topology` of pyproject.toml) into a folder of the example's own.
import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { internals } from '../../mlx/index.ts';
import { PYPROJECT, SITE } from './folders.ts';

const requirement = /^topology = \["([^"]+)"\]$/m.exec(readFileSync(PYPROJECT, 'utf8'))?.[1];
const { python } = internals.pythonBackend.status(false).details;
if (requirement === undefined || typeof python !== 'string') {
  console.error('There is no Python, or no extra "topology" in pyproject.toml. Run "npm run setup" first.');
  process.exit(1);
}
// NumPy, all that it depends on, is in the workers' Python already.
const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--upgrade', '--target', SITE, requirement];
const { exitCode } = await execa(python, args, { stdio: 'inherit', reject: false });
process.exitCode = exitCode ?? 1;
if (exitCode === 0) console.log(`Installed ${requirement}.`);
