/**
 * What several sources give, each with its place in the list, as it comes. Of each at most one piece is under way, so
 * who reads slowly slows all of them.
 * @param cancel called before the sources are ended early, for those that wait for something
 */
export async function* merged<Piece>(
  sources: readonly AsyncGenerator<Piece, void, undefined>[],
  cancel: () => void,
): AsyncGenerator<readonly [index: number, piece: Piece], void, undefined> {
  const next = async (index: number) => ({ index, result: await sources[index]!.next() });
  const pending = new Map(sources.map((_, index) => [index, next(index)]));
  try {
    while (pending.size > 0) {
      const { index, result } = await Promise.race(pending.values());
      // Put at the end again, so that no source that is always ready comes before all others.
      pending.delete(index);
      if (result.done) continue;
      yield [index, result.value];
      pending.set(index, next(index));
    }
  } finally {
    cancel();
    await Promise.allSettled(sources.map((source) => source.return()));
  }
}
