export type State = 'ok' | 'info' | 'warning' | 'problem';

/** One thing that `doctor` looked at. */
export interface Check {
  readonly section: 'machine' | 'native' | 'python' | 'together';
  readonly name: string;
  /** Only a problem makes the exit code 1; a warning costs speed or a feature. */
  readonly state: State;
  readonly value: string;
  /** The command or the change that fixes it; of problems and warnings. */
  readonly repair?: string;
}

type Finding = readonly [state: State, value: string, repair?: string];

/** Names the checks of one section. */
export function section(name: Check['section']) {
  return (check: string, [state, value, repair]: Finding): Check => ({
    section: name,
    name: check,
    state,
    value,
    ...(repair === undefined ? {} : { repair }),
  });
}
