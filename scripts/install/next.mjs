// An application of Next.js whose page and route compute on the server: built, moved elsewhere as into an image, and asked.
import { spawn } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from './expect.mjs';
import { addAround } from './tools.mjs';

const SUM = 'mx.matmul(mx.ones([2, 3]), mx.ones([3, 2])).tolist().join()';

/** Files that are found at run time, so that no look at the sources tells of them. */
const includes = ['./node_modules/mlx-router/**', './node_modules/@mlx-router/**'];

const application = {
  // The tools lie in the folder above, so that the application's own is as a user has it.
  'next.config.mjs': `const root = new URL('..', import.meta.url).pathname;
export default {
  outputFileTracingRoot: root,
  turbopack: { root },
  output: 'standalone',
  serverExternalPackages: ['mlx-router'],
  outputFileTracingIncludes: { '/**': ${JSON.stringify(includes)} },
};
`,
  'app/layout.jsx': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n',
  'app/page.jsx': `import { core as mx } from 'mlx-router';\nexport default () => <p>{'sum ' + ${SUM}}</p>;\n`,
  'app/sum/route.js': `import { core as mx } from 'mlx-router';
export const dynamic = 'force-dynamic';
export const GET = () => new Response('sum ' + ${SUM});
`,
};

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What the server says at the path; starting it may take long on a busy machine. */
async function ask(script, path) {
  const port = await freePort();
  const env = { PATH: process.env.PATH, PORT: String(port), HOSTNAME: '127.0.0.1' };
  const server = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    for (let left = 120; ; left--) {
      try {
        return await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
      } catch (error) {
        if (left === 0 || server.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  } finally {
    server.kill();
  }
}

/** @param {number} version */
export const next = (version) => async (place) => {
  const tool = addAround(place, `next@${version}`, 'react@19', 'react-dom@19');
  place.write(application);
  await place.node(tool('next', 'dist', 'bin', 'next'), 'build');
  const built = (...path) => join(place.app, '.next', ...path);
  expect('the page', /sum [\d,]+/.exec(readFileSync(built('server', 'app', 'index.html'), 'utf8'))?.[0], 'sum 3,3,3,3');
  const moved = join(place.app, '..', 'moved');
  cpSync(built('standalone'), moved, { recursive: true, verbatimSymlinks: true });
  // What lies above would be found from the moved folder, too.
  for (const folder of [place.app, join(place.app, '..', 'node_modules')]) rmSync(folder, { recursive: true });
  expect('the route', await ask(join(moved, 'app', 'server.js'), '/sum'), 'sum 3,3,3,3');
};
