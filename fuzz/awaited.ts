/** Whether the step is waited for before the next one. */
export const isAwaited = (step: string): boolean => /^(v\[\d+\] = )?await /.test(step);
