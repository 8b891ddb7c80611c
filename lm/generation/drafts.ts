import { ArgumentError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import type { Engine } from '../engines/engine.ts';
import { NativeEngine } from '../engines/native-engine.ts';
import type { SampleOptions } from '../engines/options.ts';
import type { LanguageModel } from '../language-model.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

const OPERATION = 'lm.generate';
/** Of large vocabularies so many tokens are compared. */
const COMPARED = 1024;

/** Pairs of tokenizers that were compared, and are equal. */
const equal = new WeakMap<Tokenizer, WeakSet<Tokenizer>>();

/**
 * The draft model as an engine takes it.
 * @throws ArgumentError for one with other tokens, and for the model itself; UnsupportedOperationError where one of the two is Python's
 */
export function draftOf(
  engine: Engine,
  tokenizer: Tokenizer,
  draftModel: LanguageModel,
  tokens: number,
): NonNullable<SampleOptions['draft']> {
  const { engine: draft } = draftModel;
  if (!(engine instanceof NativeEngine && draft instanceof NativeEngine)) {
    throw new UnsupportedOperationError('a draft model and the model that it guesses for have to run natively both', {
      operation: OPERATION,
    });
  }
  checkTokens(tokenizer, draftModel.tokenizer);
  if (draft.model === engine.model) {
    throw new ArgumentError('expected a smaller model as "draftModel", received the model itself', {
      operation: OPERATION,
    });
  }
  return { model: draft.model, tokens };
}

function checkTokens(own: Tokenizer, other: Tokenizer): void {
  if (own === other || equal.get(own)?.has(other)) return;
  const refuse = (difference: string) => {
    throw new ArgumentError(`expected a model with the same tokens as "draftModel": ${difference}`, {
      operation: OPERATION,
    });
  };
  const sizes = [own, other].map(({ vocabularySize }) => vocabularySize) as [number, number];
  if (sizes[0] !== sizes[1]) refuse(`it has ${sizes[1]} tokens, and the model has ${sizes[0]}`);
  const step = Math.max(1, Math.floor(sizes[0] / COMPARED));
  for (let token = 0; token < sizes[0]; token += step) {
    if (own.decode([token]) === other.decode([token])) continue;
    const [ours, theirs] = [own, other].map((one) => JSON.stringify(one.decode([token])));
    refuse(`its token ${token} is ${theirs}, and the model's is ${ours}`);
  }
  const known = equal.get(own) ?? new WeakSet();
  equal.set(own, known.add(other));
}
