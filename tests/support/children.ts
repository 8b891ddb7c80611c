import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SOURCE_OPTIONS } from '../../foundation/from-source/options.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const entry = new URL('../../mlx/index.ts', import.meta.url).href;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a module in a Node process of its own; `mx`, `shutdown`, `configure`, `routing` and `errors` are there. */
export function runChild(body: string, environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const program = [
    `import * as library from ${JSON.stringify(entry)};`,
    'const { core: mx, shutdown, configure, routing } = library;',
    body,
  ].join('\n');
  const child = spawn(process.execPath, [...SOURCE_OPTIONS, '--input-type=module', '-e', program], {
    cwd: root,
    env: { ...process.env, ...environment },
    timeout: Number(process.env['TEST_CHILD_MS'] ?? 120_000),
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** What the child wrote with `report(value)`, once it has ended well; otherwise an error with all that it wrote. */
export async function askChild<T>(body: string, environment?: NodeJS.ProcessEnv): Promise<T> {
  const report = 'const report = (value) => console.log(JSON.stringify({ report: value }));';
  const ended = await runChild(`${report}\n${body}`, environment);
  const line = ended.stdout.split('\n').find((text) => text.startsWith('{"report":'));
  if (ended.code !== 0 || line === undefined) {
    throw new Error(`the child ended with ${ended.code ?? ended.signal}:\n${ended.stdout}\n${ended.stderr}`);
  }
  return (JSON.parse(line) as { report: T }).report;
}
