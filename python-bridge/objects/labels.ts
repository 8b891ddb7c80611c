import type { RemoteReference, RemoteStep } from '../../backend/remote-objects.ts';

const KIND = /^(module|class|function|iteration of) /;

/** How errors and telemetry name what a path leads to: `mlx_lm.generate`, `pets.Thing.table[]`. */
export function labelOf({ title }: Pick<RemoteReference, 'title'>, path: readonly RemoteStep[]): string {
  const steps = path.map((step) => (typeof step === 'string' ? `.${step}` : '[]'));
  return title.replace(KIND, '') + steps.join('');
}
