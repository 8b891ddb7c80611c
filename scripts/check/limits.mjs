/** A test may take this much of its limit where nothing else runs: other work, too, may want its cores. */
const SHARE = 1 / 10;
/** Other work of more than this share of the tests' own processor time makes a run that says little of quiet times. */
const QUIET_SHARE = 1 / 10;
/** So many seconds may a second of other work cost a test: it takes the core, the caches and the disk from it. */
const COST_OF_OTHERS = 2;

/**
 * @typedef {{ name: string, seconds: number, limit: number }} Timed
 * @typedef {{ own: number, others: number }} Load processor seconds of the run, and of all else meanwhile
 */

/** The tests that took over a tenth of their limit, the worst first. A limit of 0 is none. */
export function nearLimits(tests) {
  return tests
    .filter(({ seconds, limit }) => limit > 0 && seconds > limit * SHARE)
    .sort((one, other) => other.seconds / other.limit - one.seconds / one.limit);
}

/**
 * Those of the tests that would be over a tenth of their limit on a quiet machine, too: the run was quiet, and even had
 * all other work of the run held up this very test, it would be. None where the load is not known.
 * @param {readonly Timed[]} near
 * @param {Load | undefined} load
 */
export function surelyNear(near, load) {
  if (load === undefined || load.others > load.own * QUIET_SHARE) return [];
  return near.filter(({ seconds, limit }) => seconds - load.others * COST_OF_OTHERS > limit * SHARE);
}

/** What two samples of the processor times say; undefined where one is missing, or they contradict each other. */
export function loadBetween(before, after) {
  if (before === undefined || after === undefined) return undefined;
  const own = after.own - before.own;
  const others = after.busy - before.busy - own;
  // Some containers show no times of the machine, or those of another one.
  if (own <= 0 || others < -own * QUIET_SHARE) return undefined;
  return { own, others: Math.max(0, others) };
}

/** One line for a person. */
export function remarkOn(near, load) {
  if (near.length === 0) return '';
  const [{ name, seconds, limit }] = near;
  const count = near.length === 1 ? 'a test' : `${near.length} tests`;
  const why =
    load === undefined
      ? 'how busy the machine was is not known'
      : `other work took ${load.others.toFixed(0)} s of processor time, the tests ${load.own.toFixed(0)} s`;
  return `Warning: ${count} took over a tenth of the limit; first "${name}", ${seconds.toFixed(1)} s of ${limit} s (${why})`;
}
