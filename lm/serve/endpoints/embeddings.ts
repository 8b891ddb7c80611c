import { ApiError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import type { Fields } from '../requests/fields.ts';
import { promptsOf } from './completions.ts';

const MOST_INPUTS = 2048;

/** `/v1/embeddings`, where the model gives any. */
export async function embeddings({ service, signal }: Exchange, body: Fields): Promise<object> {
  const { embed } = service.options;
  if (embed === undefined) {
    throw new ApiError(501, `the model "${service.id}" gives no embeddings`, {
      type: 'invalid_request_error',
      code: 'embeddings_not_supported',
    });
  }
  body.refuse('dimensions', 'the model has its own');
  const format = body.string('encoding_format') ?? 'float';
  if (format !== 'float' && format !== 'base64') throw body.wrong('encoding_format', '"float" or "base64"');
  const inputs = promptsOf(body, 'input', MOST_INPUTS);
  const { vectors, tokens } = await embed(inputs, signal);
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: format === 'float' ? Array.from(vector) : base64(vector),
  }));
  return { object: 'list', data, model: service.id, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

function base64(vector: ArrayLike<number>): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (let i = 0; i < vector.length; i++) bytes.writeFloatLE(vector[i] as number, i * 4);
  return bytes.toString('base64');
}
