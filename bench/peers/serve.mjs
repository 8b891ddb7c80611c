// A peer answers messages as bench/child.ts does, each with the time of a work.

/** The sides of the rows, as in bench/rows.ts. */
export const SIDES = { 'matmul-512': 512, 'matmul-1024': 1024, large: 4096 };
/** Batch, height, width and channels of what is convolved, and the number of kernels, which are 3 × 3. */
export const IMAGES = {
  conv2d: { batch: 8, side: 32, channels: 16, kernels: 32 },
  'conv2d-large': { batch: 8, side: 64, channels: 32, kernels: 32 },
};
/** Additions in one run of the row `chain`. */
export const CHAIN = 1000;

/** Numbers around zero that no library draws in its own way; their values do not change how long a work takes. */
export function floats(length) {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * 1.37));
}

/** Works by row, each made when its row is first asked for: a function that works once, and waits until it is done. */
export function serve(works) {
  const made = new Map();
  const workOf = async (row) => {
    if (!made.has(row)) made.set(row, await works[row]());
    return made.get(row);
  };
  process.on('message', async ({ row, count }) => {
    const reply = { nanoseconds: 0, cpuNanoseconds: 0, result: null };
    try {
      if (works[row] === undefined) return process.send({ ...reply, missing: row });
      const work = await workOf(row);
      await work();
      const start = process.hrtime.bigint();
      for (let i = 0; i < count; i++) await work();
      process.send({ ...reply, nanoseconds: Number(process.hrtime.bigint() - start) });
    } catch (error) {
      process.send({ ...reply, error: String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
  process.send('ready');
}
