import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { configure, FileError, core as mx, pythonPool } from '../../mlx/index.ts';
import { annotate } from './annotate.ts';
import { Classifier, type Guess } from './classifier.ts';
import { decode, type Frame } from './decode.ts';
import { EfficientNetLite } from './network.ts';
import { parseOptions } from './options.ts';
import { ahead, batches, flat, inOrder } from './stages.ts';
import { leftOut, measure, type Timing, type Way } from './ways.ts';

const SIZE = 32;

/** What stands for ffmpeg where there is none: a program that writes pictures. */
const decoder = (script: string) => [process.execPath, '-e', script, '--'] as const;
const PICTURES = `for (let i = 0; i < 10; i++) process.stdout.write(Buffer.concat([Buffer.from('P6\\n${SIZE} ${SIZE}\\n255\\n'), Buffer.alloc(${3 * SIZE * SIZE}, 20 * i)]));`;

async function* frames(count: number, onFrame: (i: number) => void = () => {}): AsyncGenerator<Frame> {
  for (let i = 0; i < count; i++) {
    onFrame(i);
    yield { width: SIZE, height: SIZE, pixels: new Uint8Array(3 * SIZE * SIZE).fill(20 * i) };
  }
}

const tiny = () => {
  mx.random.seed(1);
  return new EfficientNetLite(
    [
      [8, 3, 1, 1],
      [8, 5, 2, 2],
    ],
    { stem: 8, head: 16, classes: 5 },
  );
};

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

test('a slow stage holds back those before it, and the order stays', async () => {
  let made = 0;
  let taken = 0;
  let most = 0;
  const source = frames(40, () => {
    most = Math.max(most, ++made - taken);
  });
  const out = flat(
    ahead(
      inOrder(ahead(batches(source, 4), 1), 2, async (some) => some),
      1,
    ),
  );
  const seen: (number | undefined)[] = [];
  for await (const { pixels } of out) {
    taken++;
    seen.push(pixels[0]);
    await setTimeout(2);
  }
  expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => (20 * i) % 256));
  // Six batches of four at most.
  expect(most).toBeLessThanOrEqual(24);
});

/** Kills the worker that has the fourth batch, as soon as it has it. */
class Interrupted extends Classifier {
  #batches = 0;

  override classify(frames: readonly Frame[]): Promise<Guess[][]> {
    const before = pythonPool.stats().perWorker;
    const guesses = super.classify(frames);
    if (++this.#batches === 4) {
      // The call has sent the batch, and what the worker answers is read only when this function has returned.
      const asked = pythonPool.stats().perWorker.filter(({ requests }, i) => requests !== before[i]?.requests);
      expect(asked).toMatchObject([{ state: 'busy', sessions: 1, pid: expect.any(Number) }]);
      process.kill(asked[0]?.pid as number, 'SIGKILL');
    }
    return guesses;
  }
}

test('a worker that is killed in the middle of a batch costs no frame', async () => {
  configure({ poolSize: 2 });
  using native = new Classifier('native', 1, tiny);
  const expected = (await all(annotate(frames(24), native, 2))).map(({ guesses }) => guesses.map((it) => it.label));
  using pool = new Interrupted('python', 2, tiny);
  const before = pythonPool.stats().restarts;
  const got = (await all(annotate(frames(24), pool, 2))).map(({ guesses }) => guesses.map((it) => it.label));
  expect(got).toEqual(expected);
  expect(pool.repeated).toBe(1);
  expect(pythonPool.stats().restarts).toBe(before + 1);
}, 60_000);

test('frames come as they are decoded; what is damaged is told, and no clip is an error', async () => {
  const told: string[] = [];
  const whole = await all(decode(decoder(PICTURES), 'clip', SIZE, (message) => told.push(message)));
  expect(whole.map(({ pixels }) => pixels[0])).toEqual(Array.from({ length: 10 }, (_, i) => 20 * i));
  expect(told).toEqual([]);
  const broken = `${PICTURES} process.stdout.write('P6\\n9'); console.error('[mov @ 0x1f] truncated\\nsaid again'); process.exitCode = 1;`;
  expect(await all(decode(decoder(broken), 'clip', SIZE, (message) => told.push(message)))).toHaveLength(10);
  expect(told).toEqual(['clip: 10 frames, then: truncated']);
  await expect(all(decode(decoder('console.error("no clip")'), 'a.txt', SIZE))).rejects.toThrow(FileError);
  await expect(all(decode(decoder(`console.log("x".repeat(99))`), 'a', SIZE))).rejects.toThrow('something else');
});

test.each([
  [['--height', '100'], '--height: expected a multiple of 32'],
  [['--batches', '1,0'], '--batches: expected an integer from 1 to 256'],
  [['--nothing'], "Unknown option '--nothing'"],
])('a wrong option is named: %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

test('batches that took too long are named', () => {
  const measured = (dtype: Timing['dtype'], batch: number): Timing => ({
    place: 'native',
    dtype,
    batch,
    average: 1,
    median: 1,
    minimum: 1,
    maximum: 1,
  });
  const timings = [measured('float32', 1), measured('float32', 8), measured('float32', 32), measured('float16', 1)];
  expect(leftOut(timings, [1, 8, 32])).toEqual([
    'float16: left out since they take longer than 4 seconds: batches of 8, 32',
  ]);
  expect(leftOut(timings, [1])).toEqual([]);
});

test('seconds in which kernels compile belong to no measurement', async () => {
  const [frame] = await all(frames(1));
  const compiled = new Set<boolean>();
  const seconds = (count: number) => {
    const isNew = !compiled.has(count === 1);
    compiled.add(count === 1);
    return count + (isNew ? 8 : 0);
  };
  const way: Way = async (some) => ({ frames: some.length, seconds: seconds(some.length) });
  const extent = { batches: [1, 3, 5, 16], allBatches: false, rounds: 3 };
  const measured = await measure([way], [frame as Frame], extent, () => {});
  // One run and three rounds within four seconds; a run and a round of three seconds each; the first run alone.
  expect(measured).toEqual([
    { batch: 1, speeds: [[1, 1, 1]] },
    { batch: 3, speeds: [[1]] },
    { batch: 5, speeds: [[1]] },
  ]);
});
