import { describe, expect, it } from 'vitest';
import { Callback, type Handle } from '../../foundation/values/values.ts';
import { ADD, backend, floats, own, read, run, runAsync } from '../test-support/backends.ts';
import { haveEnded } from '../test-support/processes.ts';

const open = () => backend({ allowModules: ['forking'] });
const forking = (name: string) => own(name, `forking:${name}`);

/** Holds that answers are those of the same one process, and that each belongs to its request. */
function holds(python: ReturnType<typeof open>, pid: unknown): void {
  for (let i = 0; i < 30; i++) {
    expect(run(python, forking('pid'), [], {})).toBe(pid);
    expect(read(python, run(python, ADD, floats(python, i), floats(python, 1)) as Handle)).toEqual([i + 1]);
  }
  expect(python.stats()).toMatchObject({ workers: 1, restarts: 0 });
}

describe('a function that forks', () => {
  it.each(['os', 'pty', 'c'])('by %s leaves the channel to the parent, whatever its child does', (how) => {
    const python = open();
    const pid = run(python, forking('pid'), [], {});
    const codes = ['return', 'tensor', 'raise', 'exit', 'text', 'kill'].map((then) =>
      run(python, forking('fork'), [how, then], {}),
    );
    expect(codes).toEqual([0, 0, 1, 3, 1, -15]);
    holds(python, pid);
  });

  it.each(['os', 'c'])('by %s has a child that cannot call JavaScript functions', (how) => {
    const python = open();
    const pid = run(python, forking('pid'), [], {});
    let calls = 0;
    const callback = new Callback(() => {
      calls += 1;
      return calls;
    });
    for (const then of ['call', 'swallow']) expect(run(python, forking('fork'), [how, then, callback], {})).toBe(0);
    expect(calls).toBe(0);
    holds(python, pid);
  });

  it('inside a callback does not come back to the function around it in the child', () => {
    const python = open();
    const pid = run(python, forking('pid'), [], {});
    const inside = new Callback(() => run(python, forking('fork'), ['os', 'raise'], {}));
    expect(run(python, forking('fork_inside'), [inside], {})).toEqual([1, true]);
    holds(python, pid);
  });

  it('on a thread of its own leaves the channel alone', () => {
    const python = open();
    const pid = run(python, forking('pid'), [], {});
    expect(run(python, forking('fork_on_a_thread'), [], {})).toBe(0);
    holds(python, pid);
  });

  it('may use processes of multiprocessing', () => {
    const python = open();
    const pid = run(python, forking('pid'), [], {});
    expect(run(python, forking('process'), [4], {})).toEqual([0, 1, 2, 3]);
    holds(python, pid);
  });

  it('has a child that holds none of the descriptors that the worker shares with Node', () => {
    const python = open();
    const [ofWorker, ofChild] = run(python, forking('channel'), [], {}) as [number, number];
    expect(ofWorker).toBe(5);
    expect(ofChild).toBe(0);
  });

  it('without waiting for its child is answered while that one is blocked, and the child goes', async () => {
    const python = open();
    const pid = run(python, forking('pid'), [], {});
    const children = [];
    for (const how of ['os', 'pty', 'c']) {
      children.push((await runAsync(python, forking('fork_and_leave'), [how], {})) as number);
      holds(python, pid);
    }
    expect(await haveEnded(children, 5000)).toBe(true);
    holds(python, pid);
  });
});
