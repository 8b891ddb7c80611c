import { messageOf } from '../../../foundation/errors/message.ts';
import type { Settings } from '../../options.ts';
import type { Call, PythonWorker } from '../../requests/call.ts';
import type { Requests } from '../../requests/requests.ts';
import { FrameType } from '../../wire/frames.ts';
import { type Region, Regions } from './regions.ts';
import { capacityOf, Segment } from './segment.ts';

const MAP_LABEL = 'the shared memory of a Python worker';
const LEAST_BYTES = 64 * 2 ** 20;
/** Containers have little memory of this kind, and others want some of it. */
const SHARE = 0.5;

/** A region with the means to use it. */
export interface Reservation {
  readonly region: Region;
  write(bytes: Uint8Array): void;
  read(): Uint8Array<ArrayBuffer>;
  /** To be called once the region is no longer read or written, here or in the worker. */
  give(): void;
}

/** The memory that this process and one worker share: one segment, replaced by a larger one when it is too small. */
export class Arena {
  readonly #worker: PythonWorker;
  readonly #settings: Settings;
  readonly #requests: Requests;
  #segment: Segment | null = null;
  #regions = new Regions(0);
  #opening: Call | null = null;
  /** Why there is none, and will be none. */
  problem: string | null = null;

  constructor(worker: PythonWorker, settings: Settings, requests: Requests) {
    this.#worker = worker;
    this.#settings = settings;
    this.#requests = requests;
  }

  /** Bytes that an arena may take of the folder; throws where there is no such folder. */
  static mostOf(folder: string): number {
    return SHARE * capacityOf(folder);
  }

  /** Bytes of the segment, 0 without one. */
  get bytes(): number {
    return this.#regions.size;
  }

  /** A region for so many bytes; null where the pipe has to do. Blocks while a segment is made. */
  take(bytes: number): Reservation | null {
    const reservation = this.takeReady(bytes);
    if (reservation !== null || this.#opening === null) return reservation;
    const opening = this.#opening as Call;
    try {
      this.#requests.waits.wait(opening);
    } catch {
      // What became of it stands in `problem`.
    }
    return this.#register(bytes);
  }

  /** The same without blocking: null also while a segment is made. */
  takeReady(bytes: number): Reservation | null {
    if (this.problem !== null || this.#opening !== null || this.#worker.exit !== null) return null;
    if (bytes > this.#regions.size && this.#regions.empty) this.#open(bytes);
    return this.#opening === null ? this.#register(bytes) : null;
  }

  close(): void {
    this.#segment?.close();
    this.#segment = null;
    this.#regions = new Regions(0);
  }

  #register(bytes: number): Reservation | null {
    const segment = this.#segment;
    const regions = this.#regions;
    if (segment === null) return null;
    const region = regions.take(bytes);
    if (region === null) return null;
    return {
      region,
      write: (from) => segment.write(region, from),
      read: () => segment.read(region),
      give: () => regions.give(region),
    };
  }

  #open(bytes: number): void {
    const { sharedMemoryFolder, memory, limits } = this.#settings;
    let segment: Segment;
    try {
      const most = Math.min(limits.sharedMemoryBytes, Arena.mostOf(sharedMemoryFolder));
      if (bytes > most) return;
      const size = Math.min(most, Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(bytes))));
      segment = new Segment(sharedMemoryFolder, Math.floor(size));
    } catch (error) {
      this.problem = messageOf(error);
      return;
    }
    this.close();
    const header = { path: segment.path, bytes: segment.bytes };
    const opening = this.#requests.send(this.#worker, {
      type: FrameType.MAP,
      header,
      label: MAP_LABEL,
      background: true,
    });
    this.#opening = opening;
    opening.onSettled(() => {
      this.#opening = null;
      try {
        this.#requests.answer(opening.reply);
        segment.settle(memory);
        this.#segment = segment;
        this.#regions = new Regions(segment.bytes);
      } catch (error) {
        segment.close();
        if (this.#worker.exit === null) this.problem = messageOf(error);
      }
    });
  }
}
