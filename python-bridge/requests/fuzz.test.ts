import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MlxRouterError } from '../../foundation/errors/errors.ts';
import { float32 } from '../../foundation/values/dtypes.ts';
import { ADD, backend, own, run, runAsync, thrown } from '../test-support/backends.ts';
import { fakePython, READY } from '../test-support/fake-python.ts';

/** Answers the handshake, and every other request as `body` says, with `type` and `call` of the request in scope. */
function fake(body: string): string {
  return fakePython(`
    ${READY}
    const raw = (...bytes) => process.stdout.write(Buffer.from(bytes.flat()));
    requests((type, call) => { if (call !== 1 && call !== 0) { ${body} } });`);
}

const ASK = own('ask');
const BUDGET = { callTimeoutMs: 20_000, operations: () => [ASK, ADD] };

/** An answer to a call whose header is these bytes. */
const framed = (header: string): string => `
  const header = Buffer.from(${header});
  const head = Buffer.alloc(13);
  head.writeUInt32LE(9 + header.length, 0); head.writeUInt8(0x82, 4); head.writeUInt32LE(call, 5); head.writeUInt32LE(header.length, 9);
  process.stdout.write(Buffer.concat([head, header]));`;

describe('what a worker says that is wrong is a typed error, and the call ends', () => {
  it.each([
    ['nothing of use', `answer(0x82, call, {})`, null],
    ['a tensor that is a text', `answer(0x82, call, { t: 'x' })`, /no dtype and shape/],
    ['a dtype that there is not', `answer(0x82, call, { t: [99, [2]] })`, /no dtype of the code 99/],
    ['a negative length', `answer(0x82, call, { t: [10, [-1]] })`, /no shape/],
    ['a length of text', `answer(0x82, call, { t: [10, 'abc'] })`, /no shape/],
    ['a tensor of our numbers in a tree', `answer(0x82, call, { v: [{ t: [0, 10, [1]] }] })`, /number of its own/],
    ['a map of no kind', `answer(0x82, call, { v: { q: 1 } })`, /neither a tensor nor plain data/],
    ['a header that is no MessagePack', framed('[0xc1]'), /not a map/],
    ['a header that is a list', framed('[0x93, 1, 2, 3]'), /not a map/],
    ['a header with an end missing', framed('[0x81, 0xa1]'), /not MessagePack/],
    ['an error without a text', `answer(0x83, call, {})`, /own\.ask/],
    ['an answer of no type', `answer(0x99, call, {})`, /own\.ask/],
    ['a frame too short for itself', `raw(3, 0, 0, 0, 0x82, 0, 0, 0, 0, 0, 0, 0, 0)`, /cannot hold a header/],
    ['a header longer than its frame', `raw(9, 0, 0, 0, 0x82, 0, 0, 0, 0, 255, 0, 0, 0)`, /cannot hold a header/],
    ['a frame over the limit', `raw(255, 255, 255, 255, 0x82, 0, 0, 0, 0, 0, 0, 0, 0)`, /over the limit/],
    ['half a frame, and its end', `raw(200, 0, 0, 0, 0x82); process.exit(3)`, /exit code 3/],
    ['half a frame, and nothing more', `raw(200, 0, 0, 0, 0x82)`, /no answer within/],
    ['answers to other calls only', `answer(0x82, call + 1, {}); answer(0x82, call - 1, {})`, /no answer within/],
  ])('%s', (_, body, message) => {
    const hangs = message?.test('no answer within') === true;
    const made = backend({ ...BUDGET, ...(hangs && { callTimeoutMs: 500 }), pythonPath: fake(body) });
    if (message === null) {
      expect(run(made, ASK)).toBeNull();
      return;
    }
    const error = thrown(() => run(made, ASK));
    expect(error).toBeInstanceOf(MlxRouterError);
    expect(error.message).toMatch(message);
  });

  it('values that are shorter than their tensor', () => {
    const body = `answer(0x82, call, type === 5 ? {} : { t: [10, [2]] })`;
    const made = backend({ ...BUDGET, pythonPath: fake(body) });
    const tensor = made.create(new Uint8Array(8), [2], float32);
    expect(() => made.read(tensor)).toThrow(/0 bytes of a tensor of 8/);
  });
});

describe('answers', () => {
  it('that come twice are delivered once', async () => {
    const made = backend({
      ...BUDGET,
      pythonPath: fake(`answer(0x82, call, { v: call }); answer(0x82, call, { v: -call })`),
    });
    const answers = [
      run(made, ASK),
      run(made, ASK),
      ...(await Promise.all([runAsync(made, ASK), runAsync(made, ASK)])),
    ];
    expect(answers.every((answer) => (answer as number) > 0)).toBe(true);
    expect(new Set(answers).size).toBe(4);
  });

  it('that come late, after the call was given up, are not given to the next call', async () => {
    // The first worker hangs and is killed; the second one answers a number that it never got, then its own.
    const body = `answer(0x82, call - 1, { v: 'late' }); setTimeout(() => answer(0x82, call, { v: 'mine' }), 20)`;
    const made = backend({ ...BUDGET, pythonPath: fake(body) });
    expect([run(made, ASK), await runAsync(made, ASK)]).toEqual(['mine', 'mine']);
  });

  it('byte by byte are answers', () => {
    const slowly = `
      const all = [];
      const write = process.stdout.write.bind(process.stdout);
      process.stdout.write = (bytes) => { all.push(...bytes); };
      answer(0x82, call, { v: 'whole' });
      process.stdout.write = write;
      for (const byte of all) process.stdout.write(Buffer.of(byte));`;
    expect(run(backend({ ...BUDGET, pythonPath: fake(slowly) }), ASK)).toBe('whole');
  });
});

it('any bytes in place of an answer end in a typed error', async () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(bytes, async (garbage) => {
      const made = backend({ ...BUDGET, callTimeoutMs: 400, pythonPath: fake(`raw([${garbage.join()}])`) });
      try {
        await expect(runAsync(made, ASK)).rejects.toBeInstanceOf(MlxRouterError);
      } finally {
        await made.shutdown();
      }
    }),
    { numRuns: 6, seed: 11 },
  );
});
