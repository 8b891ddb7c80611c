import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { noteGroup } from './lock.mjs';
import { paths, root, shown } from './paths.mjs';

const children = new Set();

function stopChildren() {
  for (const child of children) {
    try {
      process.kill(-child.pid, 'SIGTERM');
    } catch {
      child.kill('SIGTERM');
    }
  }
}

/** On Ctrl-C and the like ends this process and what it started, so that no compiler or test goes on alone. */
export function endOnSignal(message) {
  for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 })) {
    process.on(signal, () => {
      stopChildren();
      console.log(message);
      process.exit(128 + number);
    });
  }
}

/**
 * Runs a program and gives back what it wrote. Never throws: a program that cannot start has code 127.
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function capture(command, args, { env = process.env, cwd = root, input = '' } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    const out = [];
    const err = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    const done = (code, extra = '') =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() + extra });
    child.on('error', (error) => done(127, error.message));
    child.on('close', (code) => done(code ?? 1));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Opens the log of one step; `run` sends each program's output there and quotes its end on failure. */
export function openLog(name) {
  mkdirSync(paths.logs, { recursive: true });
  const path = join(paths.logs, `${name}.log`);
  const stream = createWriteStream(path);

  /** With `stdout`, what the program writes there goes to that file too. */
  function run(command, args, { env = process.env, cwd = root, stdout } = {}) {
    stream.write(`\n$ ${[command, ...args].join(' ')}\n`);
    return new Promise((resolve, reject) => {
      // An own process group: make and its compilers end together with the set-up.
      const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      children.add(child);
      noteGroup(child.pid);
      child.stdout.on('data', (chunk) => stream.write(chunk));
      const copy = stdout ? child.stdout.pipe(createWriteStream(stdout)) : undefined;
      child.stderr.on('data', (chunk) => stream.write(chunk));
      const fail = (why) => reject(new SetupFailure(`${command} ${why}`));
      child.on('error', (error) => {
        children.delete(child);
        fail(`could not start: ${error.message}`);
      });
      child.on('close', (code, signal) => {
        children.delete(child);
        noteGroup(0);
        const settle = () => {
          if (code === 0) resolve();
          else fail(signal ? `was ended by ${signal}` : `ended with code ${code}`);
        };
        if (copy && !copy.closed) copy.on('close', settle);
        else settle();
      });
    });
  }

  const close = () => new Promise((resolve) => stream.end(resolve));
  const tail = (lines) => readFileSync(path, 'utf8').trim().split('\n').slice(-lines).join('\n');
  return { path: shown(path), run, note: (text) => stream.write(`${text}\n`), close, tail };
}
