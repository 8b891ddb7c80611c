import { Lost, type Origin } from './origin.ts';

/** Why a tensor could not be brought back, as the end of a sentence; nothing where nobody has tried. */
export function whyLost(origin: Origin | null): string {
  return origin?.how instanceof Lost ? `; it cannot be made again: ${origin.how.reason}` : '';
}
