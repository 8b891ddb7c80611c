import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../paths.mjs';
import { capture } from '../process.mjs';

const folder = join(paths.worker, 'mlx_router_worker');

const modules = () =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.py'))
    .map((file) => join(folder, file))
    .sort();

/** Compiled once, and valid by content: Python by itself goes by times, and may be set to write nothing. */
export const worker = {
  name: 'worker',
  title: 'Python worker',
  doing: 'compiling',
  tools: ['node'],
  inputs: ({ python }) => ({ values: [python.pythonVersion], files: modules() }),
  done: () => existsSync(join(folder, '__pycache__')),
  async run() {
    const { code } = await capture(paths.venvPython, [
      ...['-m', 'compileall', '-q', '--invalidation-mode', 'checked-hash', folder],
    ]);
    // It runs all the same, only a little later after each start.
    return { compiled: code === 0 };
  },
  describe: ({ compiled }) => (compiled ? 'compiled' : 'not compiled: its folder cannot be written to'),
};
