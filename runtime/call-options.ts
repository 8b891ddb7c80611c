import type { Implementation } from '../foundation/errors/errors.ts';
import type { Device, Stream } from './streams.ts';

/** The part of the trailing object that every operation takes. */
export interface CallOptions {
  /** The device or stream to run on; by default the default one. */
  readonly stream?: Device | Stream;
  /** Forces a backend for this call: never falls back. */
  readonly implementation?: Implementation;
}
