import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

function runs(number: number): boolean {
  try {
    process.kill(number, 0);
    // One that has ended, and that nobody has asked for its code yet, is none.
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${number}/stat`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the process still runs after it has had the time to end. */
export async function isAlive(number: number): Promise<boolean> {
  for (let looks = 0; looks < 100 && runs(number); looks++) await sleep(100);
  return runs(number);
}
