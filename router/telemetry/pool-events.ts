import { diag } from '@opentelemetry/api';
import type { Telemetry } from './telemetry.ts';

/** What happens in a backend's pool of processes: its kind, and facts that are logged as they are. */
export interface PoolEvent {
  readonly type: string;
  /** Of a call: the milliseconds that it waited for a worker. */
  readonly queueWait?: number;
}

const LEVELS: Readonly<Record<string, 'info' | 'warn'>> = { started: 'info', died: 'warn' };

/** Calls become metrics; all else becomes logs through the API's `diag`. */
export function follow(event: PoolEvent, telemetry: Telemetry): void {
  if (event.type === 'call') {
    telemetry.waited(event.queueWait ?? 0);
    return;
  }
  if (telemetry.level === 'off') return;
  const { type, ...facts } = event;
  diag[LEVELS[type] ?? 'debug'](`mlx-router worker: ${type}`, facts);
}
