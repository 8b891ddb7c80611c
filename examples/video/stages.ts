// Stages of a pipeline: each takes from the one before only what it has room for, so the slowest sets the pace of all.

/** What `source` gives, up to `room` items of it ahead of whoever takes them. */
export async function* ahead<T>(source: AsyncIterable<T>, room: number): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const coming: Promise<IteratorResult<T>>[] = [];
  const ask = () => {
    const next = iterator.next();
    next.catch(() => {}); // It is thrown below, when its turn comes.
    coming.push(next);
  };
  try {
    for (let i = 0; i < room; i++) ask();
    for (;;) {
      const { done, value } = await (coming.shift() as Promise<IteratorResult<T>>);
      if (done === true) return;
      yield value;
      ask();
    }
  } finally {
    await iterator.return?.();
  }
}

/** What `work` makes of each item, in their order, with up to `limit` of them worked on at the same time. */
export async function* inOrder<T, R>(
  source: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for await (const item of source) {
    const result = work(item);
    result.catch(() => {}); // The same.
    running.push(result);
    if (running.length === limit) yield await (running.shift() as Promise<R>);
  }
  for (const result of running) yield await result;
}

/** Lists of `size` items; the last may be shorter. */
export async function* batches<T>(source: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of source) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** The items of lists, one by one. */
export async function* flat<T>(source: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const items of source) yield* items;
}
