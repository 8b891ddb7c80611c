import type { FaultKind } from './attack.ts';
import type { FoundFault, Result } from './campaign.ts';
import { lineOf } from './line.ts';

const times = (faults: readonly FoundFault[], kind: FaultKind): number =>
  faults.filter((fault) => fault.kind === kind).reduce((sum, fault) => sum + fault.times, 0);

/** The figures of a run, in the order of the table in docs/reliability.md. */
export function figures({ tally, faults, peak, seconds }: Result): Record<string, number> {
  return {
    seconds: Math.round(seconds),
    programs: tally.programs,
    calls: tally.calls,
    answered: tally.answered,
    'typed errors': tally.typed,
    'errors of the program itself': tally.own,
    'untyped errors': tally.untyped,
    'unhandled rejections': tally.unhandled,
    crashes: times(faults, 'crash'),
    hangs: times(faults, 'hang'),
    'ends for memory': times(faults, 'memory'),
    'peak memory in MiB': Math.round(peak / 2 ** 20),
  };
}

export function table(result: Result): string {
  const rows = Object.entries(figures(result));
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value.toLocaleString('en').padStart(12)}`).join('\n');
}

export function describeFault({ kind, message, side, times, repeats, steps }: FoundFault): string {
  const often = `${times} ${times === 1 ? 'time' : 'times'}${repeats === false ? ', not again when run alone' : ''}`;
  return `${kind} on ${side}, ${often}: ${message.slice(0, 300)}\n  ${lineOf(steps)}`;
}
