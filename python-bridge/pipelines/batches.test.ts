import { expect, it } from 'vitest';
import { ProtocolError } from '../../foundation/errors/errors.ts';
import { TensorTable } from '../tensors/tensor-table.ts';
import { ADD } from '../test-support/calls.ts';
import { lostTensor } from '../test-support/remote-tensors.ts';
import { OperationTable } from '../wire/operation-table.ts';
import { Batches } from './batches.ts';

it('sends no number of a tensor that its worker does not hold', () => {
  const operations = new OperationTable();
  const tensors = { usable: () => absent, idAt: () => undefined, idOf: TensorTable.prototype.idOf };
  const parts = { pool: { conversation: {} }, operations, tensors } as unknown;
  const batches = new Batches(parts as ConstructorParameters<typeof Batches>[0]);
  const absent = lostTensor(7);
  const args = [absent, absent];
  const resolved = { given: args, args, tensors: args, hasCallbacks: false, holder: null };
  const send = () => batches.call({ exit: null } as never, operations.numbered(ADD), resolved, { stream: undefined });
  expect(send).toThrow(ProtocolError);
  expect(send).toThrow('mx.add: a tensor was moved');
});
