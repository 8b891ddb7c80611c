/** A difference that is known and explained. It is still run; when it agrees one day, the run fails. */
export interface Gap {
  readonly reason: string;
}

/** By qualified name. */
export const KNOWN_GAPS: Readonly<Record<string, Gap>> = {};
