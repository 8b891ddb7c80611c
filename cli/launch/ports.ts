import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below those that systems give to connections, one of which could take a port before its process listens on it. */
const [FIRST, LAST] = [20_000, 32_000];
const TRIES = 1000;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Different ports of this computer on which nothing listens now. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries++) {
    if (tries === count + TRIES) throw new Error(`no ${count} free ports from ${FIRST} to ${LAST}`);
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}
