import { describeValue } from '../registry/arguments/describe.ts';
import type { DeviceType, StreamRef } from '../registry/backend.ts';
import { ArgumentError } from '../registry/errors.ts';

/** A device, standing for its default stream: `mx.cpu`, `mx.gpu`. */
export class Device implements StreamRef {
  readonly device: DeviceType;
  readonly index = null;

  /** @throws ArgumentError unless it is 'cpu' or 'gpu'. */
  constructor(device: DeviceType) {
    if (device !== 'cpu' && device !== 'gpu') {
      throw new ArgumentError(`expected 'cpu' or 'gpu', received ${describeValue(device)}`, { operation: 'mx.Device' });
    }
    this.device = device;
    Object.freeze(this);
  }

  /** As Python prints it. */
  toString(): string {
    return `Device(${this.device}, 0)`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** One queue of work on a device; made by `mx.newStream`. Belongs to the thread that made it. */
export class Stream implements StreamRef {
  readonly device: DeviceType;
  readonly index: number;

  constructor(device: DeviceType, index: number) {
    this.device = device;
    this.index = index;
    Object.freeze(this);
  }

  /** As Python prints it. */
  toString(): string {
    return `Stream(Device(${this.device}, 0), ${this.index})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

export const cpu = new Device('cpu');
export const gpu = new Device('gpu');

export function isStream(value: unknown): value is StreamRef {
  return value instanceof Device || value instanceof Stream;
}
