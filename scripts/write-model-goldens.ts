import { writeFileSync } from 'node:fs';
import { goldenCases, SCORES } from '../parity-tests/models/golden-cases.ts';
import { Reference } from '../parity-tests/models/python.ts';
import { MODELS } from '../parity-tests/models/rows.ts';
import { goldenFile } from '../parity-tests/models/test-support/golden-file.ts';

// Writes what mlx_lm computes, for the tests that run without it:
//   MLX_ROUTER_PYTHON=… node --import tsx scripts/write-model-goldens.ts

const reference = await Reference.start({ python: process.env['MLX_ROUTER_PYTHON'] ?? 'python3', blas: null });
for (const row of MODELS) {
  const cases = [];
  for (const { title, ...asked } of goldenCases(row)) {
    const { scores, tokens } = await reference.golden({ title, ...asked });
    cases.push({ title, scores: scores.slice(0, SCORES), tokens });
  }
  writeFileSync(goldenFile(row), `${JSON.stringify({ versions: reference.versions, cases })}\n`);
}
reference.close();
