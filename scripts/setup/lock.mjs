import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupFailure } from './failure.mjs';
import { paths } from './paths.mjs';

const timeout = 15 * 60_000;
const pause = 200;

function alive(id) {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readLock() {
  try {
    return JSON.parse(readFileSync(paths.lock, 'utf8'));
  } catch {
    return undefined;
  }
}

/** What still works in this checkout for an earlier set-up: itself, or a program that outlived it when it was killed. */
function busy() {
  const held = readLock();
  if (!held || held.pid === process.pid) return undefined;
  if (alive(held.pid)) return held.pid;
  return held.group && alive(-held.group) ? held.group : undefined;
}

/** Names to the next set-up the process group to wait for, should this process be killed; 0 for none. */
export function noteGroup(group) {
  if (readLock()?.pid === process.pid) writeFileSync(paths.lock, JSON.stringify({ pid: process.pid, group }));
}

/**
 * Makes this the only set-up of the checkout; waits while another one works.
 * @param {(pid: number) => void} onWait called once when there is one to wait for
 * @returns {Promise<() => void>} gives the lock back
 */
export async function takeLock(onWait) {
  mkdirSync(paths.build, { recursive: true });
  const mine = JSON.stringify({ pid: process.pid });
  const deadline = Date.now() + timeout;
  let reported = false;
  for (;;) {
    try {
      writeFileSync(paths.lock, mine, { flag: 'wx' });
      return () => rmSync(paths.lock, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const other = busy();
    if (other === undefined) {
      rmSync(paths.lock, { force: true });
      continue;
    }
    if (Date.now() > deadline) {
      throw new SetupFailure(`process ${other} has been setting up this checkout for too long`, 'end it and try again');
    }
    if (!reported) onWait(other);
    reported = true;
    await sleep(pause);
  }
}
