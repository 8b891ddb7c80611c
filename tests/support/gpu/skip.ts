// Of `vitest --mode gpu`: skips what cannot pass where the default device is a GPU of NVIDIA.
import { beforeEach } from 'vitest';
import { reasonOnGpu } from './exceptions.ts';

function nameOf({ name, suite }: { name: string; suite?: { name: string } | undefined }): string {
  return suite === undefined ? name : `${nameOf(suite)} ${name}`;
}

beforeEach(({ task, skip }) => {
  const reason = reasonOnGpu(task.file.filepath, nameOf(task));
  if (reason !== undefined) skip(reason);
});
