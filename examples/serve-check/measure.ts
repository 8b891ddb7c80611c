// Greedy answers that several clients ask of a server at once: tokens per second of all together, tokens per second of
// processor time, which tells more where the machine is shared, and the longest time for which the event loop was
// blocked. Without the path of a model it takes a small one with random weights.
//
//   node --import tsx examples/serve-check/measure.ts [MODEL|tiny [CLIENTS [TOKENS [ROUNDS]]]]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { load } from '../../lm/index.ts';
import { serve } from '../../lm/serve/index.ts';
import { writeTinyModel } from '../../lm/test-support/tiny-model.ts';
import { shutdown } from '../../mlx/index.ts';

const [given = 'tiny', clients = '8', tokens = '64', rounds = '4'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'mlx-router-bench-serve-'));
const path = given === 'tiny' ? join(folder, 'tiny') : given;
if (given === 'tiny') writeTinyModel(path, { hidden_size: 64, intermediate_size: 128 });

async function ask(url: string, client: number): Promise<number> {
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      prompt: `Client ${client} tells a long story: Once upon a time`,
      max_tokens: Number(tokens),
    }),
  });
  const body = (await response.json()) as { usage?: { completion_tokens: number } };
  if (body.usage === undefined) throw new Error(JSON.stringify(body));
  return body.usage.completion_tokens;
}

const model = await load(path);
const server = await serve(model, { port: 0, maxConcurrent: Number(clients) });
try {
  for (let round = 0; round < Number(rounds); round++) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const start = performance.now();
    const processor = process.cpuUsage();
    // Each round has prompts of its own, so that none of them was seen before.
    const asked = Array.from({ length: Number(clients) }, (_, i) => ask(server.url, 100 * round + i));
    const count = (await Promise.all(asked)).reduce((sum, one) => sum + one, 0);
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(processor);
    delay.disable();
    const figures = [
      `${count} tokens in ${seconds.toFixed(2)} s`,
      `${(count / seconds).toFixed(1)} tokens/s`,
      `${((count / (user + system)) * 1e6).toFixed(1)} per second of processor time`,
      `blocked ${(delay.max / 1e6).toFixed(0)} ms`,
    ];
    console.log(figures.join(', '));
  }
} finally {
  await server.close({ graceMs: 0 });
  model.dispose();
  await shutdown();
  rmSync(folder, { recursive: true });
}
