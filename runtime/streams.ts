import { ArgumentError } from '../foundation/errors/errors.ts';
import { checkReceivers, hasOwnField, refuseForged } from '../foundation/errors/receivers.ts';
import type { DeviceType, StreamRef } from '../foundation/values/values.ts';
import { describeValue } from '../registry/arguments/describe.ts';

function checkDevice(device: unknown, operation: string): void {
  if (device === 'cpu' || device === 'gpu') return;
  throw new ArgumentError(`expected 'cpu' or 'gpu', received ${describeValue(device)}`, { operation });
}

/** A device, standing for its default stream: `mx.cpu`, `mx.gpu`. */
export class Device implements StreamRef {
  readonly device: DeviceType;
  readonly index = null;

  /** @throws ArgumentError unless it is 'cpu' or 'gpu'. */
  constructor(device: DeviceType) {
    checkDevice(device, 'mx.Device');
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

  /** @throws ArgumentError unless it is 'cpu' or 'gpu', and an index from 0 up. */
  constructor(device: DeviceType, index: number) {
    checkDevice(device, 'mx.Stream');
    if (!Number.isInteger(index) || index < 0 || index >= 2 ** 31) {
      throw new ArgumentError(`expected the index of a stream, received ${describeValue(index)}; use mx.newStream`, {
        operation: 'mx.Stream',
      });
    }
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

for (const [type, fields] of [
  [Device, ['device']],
  [Stream, ['device', 'index']],
] as const) {
  const name = `mx.${type.name}`;
  checkReceivers(type.prototype, name, (value) => hasOwnField(value, 'device'));
  refuseForged(type.prototype, fields, name, 'a device (mx.cpu, mx.gpu) or a stream made by mx.newStream');
}

export const cpu = new Device('cpu');
export const gpu = new Device('gpu');

export function isStream(value: unknown): value is StreamRef {
  return value instanceof Device || value instanceof Stream;
}
