import type { Classifier, Guess } from './classifier.ts';
import type { Frame } from './decode.ts';
import { ahead, batches, flat, inOrder } from './stages.ts';

export interface Annotated {
  readonly frame: Frame;
  readonly guesses: readonly Guess[];
}

/**
 * Frames with their guesses, in order. While one batch is computed the next is decoded and the one before is drawn; whichever
 * is slowest, no more than two batches for each lane of the classifier and one besides are held.
 */
export function annotate(
  frames: AsyncIterable<Frame>,
  classifier: Classifier,
  batch: number,
): AsyncGenerator<Annotated> {
  const ready = ahead(batches(frames, batch), 1);
  const guessed = inOrder(ready, classifier.lanes, async (some) => {
    const guesses = await classifier.classify(some);
    return some.map((frame, i) => ({ frame, guesses: guesses[i] ?? [] }));
  });
  return flat(ahead(guessed, 1));
}
