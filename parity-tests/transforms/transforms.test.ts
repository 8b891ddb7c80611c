import { afterAll, describe, expect, it } from 'vitest';
import { registry, shutdown } from '../../mlx/index.ts';
import { qualifiedName } from '../../registry/operation.ts';
import { failureText } from '../report/text.ts';
import { hasBothSides } from '../sides.ts';
import { checkTransforms } from './check.ts';

afterAll(() => shutdown());

const operations = registry
  .all()
  .filter((operation) => operation.sample.generator !== 'none' && hasBothSides(operation))
  .map((operation) => [qualifiedName(operation), operation] as const);

// Compiling builds kernels, for which the command has the time.
const QUICK = ['vjp', 'second-vjp', 'jvp', 'vmap'] as const;

describe('vjp, second vjp, jvp and vmap are those of Python bit for bit, and right', () => {
  it.each(operations)('%s', (_, operation) => {
    const report = checkTransforms(operation, { runs: 3, seed: 1, kinds: QUICK });
    expect(report.failures.map((failure) => failureText(report, failure)).join('\n')).toBe('');
  });
});
