import { wrong } from './checks.ts';
import { MarkerReader, type Transitions } from './markers.ts';

/** What a segment of text comes to. */
export interface StopResult {
  /** What can be given away: no part of it belongs to a stop string. */
  readonly text: string;
  /** The stop string that was found. It is not in the text, nor is what follows it. */
  readonly stop: string | undefined;
}

/**
 * Looks for the first of several strings in a text that comes in segments, as tokens are decoded. Text that may be the
 * beginning of one is held back.
 * @throws ArgumentError for an empty string, or what is no list of strings
 */
export class StopStrings {
  readonly #reader: MarkerReader<'open' | 'stopped'>;
  #stop: string | undefined;

  constructor(stops: readonly string[]) {
    if (!Array.isArray(stops)) throw wrong('stop', 'a list of strings', stops);
    stops.forEach((stop, index) => {
      if (typeof stop !== 'string' || stop === '') throw wrong(`stop[${index}]`, 'a string that is not empty', stop);
    });
    const transitions: Transitions<'open' | 'stopped'> = {
      open: stops.map((stop) => [stop, 'stopped'] as const),
      stopped: [],
    };
    this.#reader = new MarkerReader(transitions, 'open');
  }

  push(segment: string): StopResult {
    if (this.#stop !== undefined) return { text: '', stop: this.#stop };
    const [first] = this.#reader.push(segment);
    this.#stop = first?.marker;
    return { text: first?.text ?? '', stop: this.#stop };
  }

  /** What was held back, when the text ends without a stop string. */
  flush(): string {
    return this.#stop === undefined ? this.#reader.flush().text : '';
  }
}
