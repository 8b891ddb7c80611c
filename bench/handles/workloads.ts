// The timed loops and the memory scenarios, the same for every design (python.py has its own).
import type { Design } from './designs.ts';

const SMALL = 4;
const LARGE = 262_144; // float32 elements of 1 MiB

/** Keeps the last result alive, or V8 would remove the tensors from the loops and no collection would ever come due. */
let sink: unknown;
export const last = (): unknown => sink;

const nanoseconds = (operations: number, body: () => void): number => {
  const start = process.hrtime.bigint();
  body();
  return Number(process.hrtime.bigint() - start) / operations;
};

/** ns per operation of `count` independent additions, nothing evaluated. */
function build(design: Design, count: number): number {
  const a = design.ones(SMALL);
  const b = design.ones(SMALL);
  return nanoseconds(count, () => {
    for (let i = 0; i < count; i++) sink = design.add(a, b);
  });
}

/** ns per operation of chains of 1000 additions, each evaluated at its end. */
function chain(design: Design, chains: number): number {
  const a = design.ones(SMALL);
  return nanoseconds(chains * 1000, () => {
    for (let i = 0; i < chains; i++) {
      let x = a;
      for (let j = 0; j < 1000; j++) x = design.add(x, a);
      design.eval(x);
    }
  });
}

/** ns per operation of additions made and freed in scopes of 1000. */
function scoped(design: Design, scopes: number): number {
  const { scope } = design;
  if (scope === undefined) return Number.NaN;
  const a = design.ones(SMALL);
  const b = design.ones(SMALL);
  return nanoseconds(scopes * 1000, () => {
    for (let i = 0; i < scopes; i++) {
      scope(() => {
        for (let j = 0; j < 1000; j++) sink = design.add(a, b);
      });
    }
  });
}

/** ns per operation of additions of 1 MiB, built only. */
function buildLarge(design: Design, count: number): number {
  const a = design.ones(LARGE);
  return nanoseconds(count, () => {
    for (let i = 0; i < count; i++) sink = design.add(a, a);
  });
}

export const timings: Record<string, (design: Design, count: number) => number> = { build, chain, scoped, buildLarge };

const MIB = 1024 * 1024;

/** Growth of RSS in bytes at its highest while `step` runs `count` times, and the milliseconds it took. */
function growth(count: number, every: number, step: (i: number) => void): { peak: number; ms: number } {
  const before = process.memoryUsage.rss();
  const start = performance.now();
  let peak = before;
  for (let i = 0; i < count; i++) {
    step(i);
    if (i % every === every - 1) peak = Math.max(peak, process.memoryUsage.rss());
  }
  return { peak: peak - before, ms: performance.now() - start };
}

export const scenarios: Record<string, (design: Design) => Record<string, number>> = {
  /** 2000 additions of 1 MiB, each evaluated and dropped. */
  large(design) {
    const a = design.ones(LARGE);
    design.eval(a);
    const { peak, ms } = growth(2000, 20, () => design.eval(design.add(a, a)));
    return { megabytes: peak / MIB, ms };
  },
  /** 10 lazy chains of 200 additions of 1 MiB, evaluated at the end of each. */
  lazyLarge(design) {
    const a = design.ones(LARGE);
    design.eval(a);
    const { peak, ms } = growth(10, 1, () => {
      let x = a;
      for (let j = 0; j < 200; j++) x = design.add(x, a);
      design.eval(x);
    });
    return { megabytes: peak / MIB, ms };
  },
  /** The same work as `large` while 300,000 JavaScript objects are alive, as in a real program. */
  largeBesideHeap(design) {
    const kept: object[] = [];
    for (let i = 0; i < 300_000; i++) kept.push({ i, text: `object ${i}` });
    const a = design.ones(LARGE);
    design.eval(a);
    const { peak, ms } = growth(2000, 20, () => design.eval(design.add(a, a)));
    return { megabytes: peak / MIB, ms, kept: kept.length };
  },
  /** 300,000 small additions, dropped. */
  small(design) {
    const a = design.ones(SMALL);
    const { peak, ms } = growth(300_000, 3000, () => {
      sink = design.add(a, a);
    });
    return { megabytes: peak / MIB, ms };
  },
  /** 300,000 small additions, each evaluated and dropped. */
  smallEvaluated(design) {
    const a = design.ones(SMALL);
    const { peak, ms } = growth(300_000, 3000, () => design.eval(design.add(a, a)));
    return { megabytes: peak / MIB, ms };
  },
  /** 500,000 small arrays, evaluated and alive. */
  live(design) {
    const a = design.ones(SMALL);
    const kept: unknown[] = new Array(500_000);
    const { peak, ms } = growth(500_000, 10_000, (i) => {
      const x = design.add(a, a);
      design.eval(x);
      kept[i] = x;
    });
    return { bytesEach: peak / 500_000, ms, kept: kept.length };
  },
};

/** 50,000 results of `elements` float32, evaluated; one in 64 stays alive. Bytes of RSS for each that does. */
export function pinned(design: Design, elements: number): Record<string, number> {
  const a = design.ones(elements);
  const kept: unknown[] = [];
  const { peak, ms } = growth(20_000, 200, (i) => {
    const x = design.add(a, a);
    design.eval(x);
    if (i % 64 === 0) kept.push(x);
  });
  return { kilobytesEach: peak / kept.length / 1024, ms };
}
