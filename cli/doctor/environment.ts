import type { BackendStatus } from '../../backend/backend.ts';
import { describePython, EXTRAS, lacking, lockedVersions, nameOf } from '../python/environment.ts';
import { type Check, section } from './check.ts';

/** What the workers import; the lock has more, which depends on the system. */
const NEEDED = ['mlx', 'msgpack', 'numpy'];

/** Which kind of environment the workers' Python belongs to, and what it lacks. */
export function environmentChecks({ details, available }: BackendStatus): Check[] {
  const check = section('python');
  const { python } = details;
  if (typeof python !== 'string') return [];
  const environment = describePython(python, [...NEEDED, ...EXTRAS]);
  if (environment === undefined) return [check('environment', ['warning', `${python} does not start`])];
  const extras = EXTRAS.flatMap((name) => (environment.installed[name] == null ? [] : [name]));
  const value = `${nameOf(environment)}${extras.length > 0 ? `, with ${extras.join(', ')}` : ''}`;
  const needed = new Map([...lockedVersions('cpu')].filter(([name]) => NEEDED.includes(name)));
  const missing = lacking(environment, needed);
  if (missing.length === 0) return [check('environment', ['info', value])];
  // A backend that works all the same has other versions than those of the lock, at most.
  const state = available ? 'warning' : 'problem';
  return [check('environment', [state, `${value}; missing: ${missing.join(', ')}`, 'npx mlx-router python install'])];
}
