import { expect, it } from 'vitest';
import { ProtocolError } from '../../registry/errors.ts';
import { Handle } from '../../registry/values.ts';
import { ADD } from '../test-support/calls.ts';
import { Batches } from './batches.ts';

it('sends no number of a tensor that its worker does not hold', () => {
  const absent = { id: 7, counted: 0 };
  const tensors = { usable: () => absent, idAt: () => undefined };
  const operations = { codeOf: () => 0 };
  const parts = [{ conversation: {} }, operations, tensors, {}, {}, {}, {}, {}] as unknown;
  const batches = new Batches(...(parts as ConstructorParameters<typeof Batches>));
  const handle = new Handle(0, {}, undefined);
  const send = () => batches.call({} as never, ADD, [handle, handle], { stream: undefined });
  expect(send).toThrow(ProtocolError);
  expect(send).toThrow('mx.add: a tensor was moved');
});
