import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a fake Python says to a handshake, which is the first call. */
export const READY = `answer(0x81, 1, { protocol: 2, python: '3', pid: process.pid, mlx: '0.32.2', blas: '', device: 'cpu', unresolved: [] });`;

/** An executable that stands in for Python; `body` is JavaScript with
 * `answer(type, call, header)` and `requests((type, call) => …)` in scope. */
export function fakePython(body: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'fake-python-')), 'python');
  const msgpackr = fileURLToPath(import.meta.resolve('msgpackr'));
  writeFileSync(
    file,
    `#!${process.execPath}
import(${JSON.stringify(msgpackr)}).then(async ({ pack }) => {
  const answer = (type, call, header) => {
    const body = pack(header);
    const head = Buffer.alloc(13);
    head.writeUInt32LE(9 + body.length, 0);
    head.writeUInt8(type, 4);
    head.writeUInt32LE(call, 5);
    head.writeUInt32LE(body.length, 9);
    process.stdout.write(Buffer.concat([head, body]));
  };
  const requests = (handle) => {
    let bytes = Buffer.alloc(0);
    process.stdin.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 13 && bytes.length >= 4 + bytes.readUInt32LE(0)) {
        handle(bytes.readUInt8(4), bytes.readUInt32LE(5));
        bytes = bytes.subarray(4 + bytes.readUInt32LE(0));
      }
    });
  };
  ${body}
});
`,
  );
  chmodSync(file, 0o755);
  return file;
}
