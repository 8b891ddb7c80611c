import type { Conversation } from '../requests/conversation.ts';
import type { Place } from './place.ts';

/** One worker, or a place for one. Times are in milliseconds. */
export interface WorkerReport {
  /** Its place in the pool, from 0 up; the same as in `x.residency`. */
  readonly worker: number;
  /** `waiting`: its last start failed, and the next is put off. `retiring`: it leaves as soon as it holds nothing. */
  readonly state: 'idle' | 'busy' | 'starting' | 'absent' | 'waiting' | 'retiring' | 'spare';
  readonly pid: number | null;
  /** Requests in flight, and so far. */
  readonly pending: number;
  readonly requests: number;
  readonly tensors: number;
  readonly sessions: number;
  readonly ageMs: number;
  /** Memory of its own that the system gives it, as of a second ago; 0 where that is not known. */
  readonly residentBytes: number;
  /** Why its last start failed. */
  readonly problem?: string;
}

export interface PoolReport {
  /** Running processes, spare and retiring ones among them. */
  readonly workers: number;
  readonly busy: number;
  /** Workers that are ready before they are needed. */
  readonly spares: number;
  /** Starts in place of a worker that exited. */
  readonly restarts: number;
  /** Workers that made way for new ones. */
  readonly recycled: number;
  /** Calls that wait for room. */
  readonly waiting: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly calls: number;
  readonly perWorker: readonly WorkerReport[];
}

interface Counts {
  readonly spares: number;
  readonly recycled: number;
  readonly waiting: number;
  readonly sessions: (place: Place) => number;
}

export function describePool(conversation: Conversation, places: readonly Place[], counts: Counts): PoolReport {
  const { workers, totals } = conversation;
  const now = performance.now();
  const running = workers.map((worker): WorkerReport => {
    const place = places[worker.place];
    const ready = worker.facts !== null;
    const usual = worker.pending > 0 ? 'busy' : 'idle';
    const kept = place === undefined ? 'spare' : usual;
    return {
      worker: worker.place,
      state: worker.retiring !== null ? 'retiring' : ready ? kept : 'starting',
      pid: worker.pid === 0 ? null : worker.pid,
      pending: worker.pending,
      requests: worker.requests,
      tensors: worker.tensors,
      sessions: place?.worker === worker ? counts.sessions(place) : 0,
      ageMs: Math.round(now - worker.since),
      residentBytes: worker.residentBytes,
    };
  });
  const empty = places.filter(({ worker, starting }) => worker === null && !starting);
  const absent = empty.map(
    (place): WorkerReport => ({
      worker: place.index,
      state: place.failure === null ? 'absent' : 'waiting',
      pid: null,
      pending: 0,
      requests: 0,
      tensors: 0,
      sessions: counts.sessions(place),
      ageMs: 0,
      residentBytes: 0,
      ...(place.failure === null ? {} : { problem: place.failure.message }),
    }),
  );
  return {
    workers: workers.length,
    busy: workers.filter(({ pending }) => pending > 0).length,
    spares: counts.spares,
    restarts: places.reduce((sum, { restarts }) => sum + restarts, 0),
    recycled: counts.recycled,
    waiting: counts.waiting,
    bytesSent: totals.sent,
    bytesReceived: totals.received,
    calls: totals.calls,
    perWorker: [...running, ...absent].sort((a, b) => a.worker - b.worker),
  };
}
