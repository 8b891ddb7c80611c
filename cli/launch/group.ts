import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../foundation/system/temporary-folder.ts';
import { log } from '../terminal.ts';
import { type End, Member, type MemberPlan, type News } from './member.ts';

/** How long after SIGTERM until SIGKILL. */
const TERM_MS = 3000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the processes until all have ended.
 * @param graceMs how long the others may still run where one has failed: they hear of it, and may want to save something
 * @returns the code of the first that failed, or 0
 */
export async function runGroup(plans: readonly MemberPlan[], graceMs: number): Promise<number> {
  const ending = plans.length > 1 ? `; the others have ${graceMs / 1000} s to end` : '';
  const folder = makeTemporaryFolder(tmpdir());
  const members: Member[] = [];
  const timers: NodeJS.Timeout[] = [];
  let failure: End | undefined;
  let signals = 0;
  const toAll = (name: NodeJS.Signals): void => {
    for (const member of members) member.signal(name);
  };
  const killAll = (): void => {
    for (const member of members) member.kill();
  };
  const endAll = (): void => {
    if (timers.length > 0) return;
    timers.push(setTimeout(toAll, graceMs, 'SIGTERM'), setTimeout(killAll, graceMs + TERM_MS));
  };
  const onSignal = (name: NodeJS.Signals): void => {
    signals += 1;
    if (signals > 1) {
      killAll();
      return;
    }
    toAll(name);
    endAll();
  };
  const told = new Set<News>();
  /** The first of its kind: what ends later may have ended because of that. */
  const tellAll = (news: News, text: string): void => {
    if (told.has(news)) return;
    told.add(news);
    for (const member of members) member.tell(news, text);
  };
  const onEnd = (end: End): void => {
    tellAll(end.code === 0 ? 'ended' : 'failed', end.text);
    if (end.code === 0) return;
    if (signals === 0) log(`mlx-router: ${end.text}${failure === undefined ? ending : ''}`);
    failure ??= end;
    endAll();
  };

  for (const name of SIGNALS) process.on(name, onSignal);
  // Whatever ends the launcher, such as a reader of its output that has gone: no process stays behind.
  process.on('exit', killAll);
  for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(0);
  try {
    const ends: Promise<void>[] = [];
    for (const plan of plans) {
      const member = new Member(plan, join(folder, String(plan.rank)), TERM_MS);
      members.push(member);
      ends.push(member.ended.then(onEnd), member.closed);
    }
    await Promise.all(ends);
    return failure?.code ?? 0;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    for (const name of SIGNALS) process.off(name, onSignal);
    process.off('exit', killAll);
    removeTemporaryFolder(folder);
  }
}
