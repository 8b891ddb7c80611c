import { PassThrough } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { Outbox } from './outbox.ts';

const text = (stream: PassThrough): string => String(stream.read() ?? '');
const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

it('obeys a pipe that is full, and goes on in order when it drains', async () => {
  const pipe = new PassThrough({ highWaterMark: 4 });
  const outbox = new Outbox(pipe);
  for (let call = 1; call <= 9; call++) outbox.send({ call, chunks: [bytes(`<${call}`), bytes('>')], own: 0 });
  expect(pipe.readableLength + pipe.writableLength).toBeLessThan(12);
  let received = '';
  pipe.on('data', (chunk: Buffer) => {
    received += String(chunk);
  });
  await vi.waitFor(() => expect(received).toBe('<1><2><3><4><5><6><7><8><9>'), { timeout: 15_000 });
});

it('takes back what was not sent, but what is not the own of the call', async () => {
  const pipe = new PassThrough({ highWaterMark: 1 });
  const outbox = new Outbox(pipe);
  for (let call = 1; call <= 3; call++)
    outbox.send({ call, chunks: [bytes(`free${call}`), bytes(`call${call}`)], own: 1 });
  expect([outbox.withdraw(1), outbox.withdraw(2), outbox.withdraw(2), outbox.withdraw(7)]).toEqual([
    false,
    true,
    false,
    false,
  ]);
  outbox.end();
  let received = '';
  for await (const chunk of pipe) received += String(chunk);
  expect(received).toBe('free1call1free2free3call3');
  expect(text(pipe)).toBe('');
});
