import { existsSync, statSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import type { Report } from '../io-thread/messages.ts';
import { Link } from './link.ts';

const links: Link[] = [];

function link(): { made: Link; reports: Report[]; ended: string[] } {
  const reports: Report[] = [];
  const ended: string[] = [];
  const made = new Link(
    2,
    (report) => reports.push(report),
    (reason) => ended.push(reason),
  );
  links.push(made);
  return { made, reports, ended };
}

afterEach(() => {
  for (const made of links.splice(0)) made.destroy();
});

it('starts while this thread is blocked', () => {
  const { made } = link();
  expect(made.listening).toBe(false);
  expect(made.wait(() => made.listening, 20_000)).toBe('done');
});

it('gives up waiting when the budget is spent', () => {
  const { made } = link();
  expect(made.wait(() => false, 50)).toBe('late');
  expect(made.wait(() => true, 0)).toBe('done');
});

it('serves reports while it waits', () => {
  const { made, reports } = link();
  const start = { kind: 'start', worker: 1, slot: 0, args: [], env: {}, maxFrameBytes: 100, note: '' } as const;
  made.post({ ...start, file: '/no/such/program', folder: `${made.folder}/1` });
  expect(made.wait(() => reports.length > 0, 20_000)).toBe('done');
  expect(reports[0]).toMatchObject({ kind: 'exited', worker: 1, exit: { cause: 'spawn', pid: 0 } });
});

it('notices that the thread has failed, while it is blocked too', async () => {
  const { made, ended } = link();
  expect(made.wait(() => made.listening, 20_000)).toBe('done');
  // A command that is none makes the thread fail.
  made.post(null as never);
  expect(made.wait(() => false, 20_000)).toBe('ended');
  await expect.poll(() => ended).toHaveLength(1);
  expect(ended[0]).toContain('the I/O thread failed');
});

it('keeps its folder private, and takes it along', async () => {
  const { made } = link();
  expect(statSync(made.folder).mode & 0o777).toBe(0o700);
  await made.stop(100);
  expect(existsSync(made.folder)).toBe(false);
});
