// Measures llama.cpp in a process of its own: each message names a work and how many tokens; the answer is as that of
// bench/child.ts.
import { availableParallelism } from 'node:os';

const PROMPT = 8;
const { gguf } = JSON.parse(process.env['MLX_ROUTER_BENCH_MODELS'] ?? '{}');
/** As many threads as the BLAS of the other sides has. */
const threads = Number(process.env['OPENBLAS_NUM_THREADS']) || availableParallelism();

// By a name that no tool takes for a dependency: it is installed here on demand.
const name = 'node-llama-cpp';
const { getLlama } = await import(name);
const llama = await getLlama({ gpu: false, build: 'never', maxThreads: threads, logLevel: 'error' });
const model = await llama.loadModel({ modelPath: gguf });
const context = await model.createContext({ contextSize: 1024, batchSize: 512, threads });
const sequence = context.getSequence();

const tokens = (count) =>
  Array.from({ length: count }, (_, i) => (i * 7919 + 13) % model.fileInfo.metadata.tokenizer.ggml.tokens.length);

async function first(prompt) {
  for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) return token;
}

const works = {
  /** Until the first token after a prompt of so many. */
  prefill: async (count) => {
    const start = process.hrtime.bigint();
    await first(tokens(count));
    return process.hrtime.bigint() - start;
  },
  /** So many tokens after the first one. */
  decode: async (count) => {
    let start;
    let done = 0;
    let prompt = tokens(PROMPT);
    while (done <= count) {
      for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
        start ??= process.hrtime.bigint();
        // A token that ends a text ends the loop: the answer goes on from it.
        prompt = [token];
        if (++done > count) break;
      }
    }
    return process.hrtime.bigint() - start;
  },
};

process.on('message', async ({ row, count }) => {
  try {
    await sequence.clearHistory();
    const nanoseconds = Number(await works[row](count));
    process.send({ nanoseconds, cpuNanoseconds: 0, result: null });
  } catch (error) {
    process.send({ nanoseconds: 0, cpuNanoseconds: 0, result: null, error: String(error) });
  }
});
process.on('disconnect', () => process.exit());
process.send('ready');
