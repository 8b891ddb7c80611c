import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const COMMIT = 'c0ffee'.padEnd(40, '0');

export interface ServedFile {
  readonly content: Buffer;
  /** Large files are named by their SHA-256. */
  readonly large?: boolean;
  /** The size that the listing says, where it lies. */
  readonly listedSize?: number;
  readonly listedHash?: string;
}

/** A server that speaks as the Hugging Face Hub does, for one model, `org/model`. */
export class HubServer {
  readonly files = new Map<string, ServedFile>();
  /** What was asked for: the path, and the range behind it. */
  readonly requests: string[] = [];
  /** Answers in place of the usual ones; false leaves a request to those. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  /** Breaks the connection after so many bytes of a file. */
  breakAfter = Number.POSITIVE_INFINITY;
  /** Whether parts of files can be asked for. */
  ranges = true;
  token: string | undefined;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(request.url as string);
    this.requests.push(`${path} ${request.headers.range ?? ''}`.trim());
    if (this.intercept(request, response)) return;
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) refuse(response, 401);
    else if (path.startsWith('/api/models/org/model/revision/')) this.#list(path, response);
    else if (path.startsWith(`/org/model/resolve/${COMMIT}/`))
      this.#send(path.split(`${COMMIT}/`)[1] as string, request, response);
    else refuse(response, 404, 'RepoNotFound');
  }

  #list(path: string, response: ServerResponse): void {
    const revision = /revision\/([^?]*)/.exec(path)?.[1] as string;
    if (!['main', 'v1', COMMIT].includes(revision)) {
      refuse(response, 404, 'RevisionNotFound');
      return;
    }
    const siblings = [...this.files].map(([rfilename, { content, large, listedSize, listedHash }]) => {
      const size = listedSize ?? content.length;
      const hash = createHash(large ? 'sha256' : 'sha1');
      const sum =
        listedHash ??
        hash
          .update(large ? '' : `blob ${content.length}\0`)
          .update(content)
          .digest('hex');
      return large
        ? { rfilename, size, blobId: 'a'.repeat(40), lfs: { sha256: sum, size } }
        : { rfilename, size, blobId: sum };
    });
    response.end(JSON.stringify({ sha: COMMIT, siblings }));
  }

  #send(name: string, request: IncomingMessage, response: ServerResponse): void {
    const file = this.files.get(name);
    if (file === undefined) {
      refuse(response, 404, 'EntryNotFound');
      return;
    }
    const start = this.ranges ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
    const rest = file.content.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length });
    if (rest.length <= this.breakAfter) response.end(rest);
    else response.write(rest.subarray(0, this.breakAfter), () => setTimeout(() => response.destroy(), 5));
  }
}

export function refuse(response: ServerResponse, status: number, code?: string): void {
  response.writeHead(status, code === undefined ? {} : { 'x-error-code': code }).end();
}
