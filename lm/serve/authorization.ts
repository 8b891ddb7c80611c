import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './errors.ts';
import { isLoopback } from './options.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** What refuses requests that may not be answered, by their headers alone. */
export function makeGuard(token: string | undefined): (headers: IncomingHttpHeaders) => void {
  if (token === undefined) return refuseOtherHosts;
  const expected = digest(token);
  return ({ authorization }) => {
    const given = /^Bearer +(\S.*)$/i.exec(authorization ?? '')?.[1]?.trimEnd();
    // Digests are of one length and are compared in constant time, so neither tells how near a guess was.
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    throw new ApiError(
      401,
      given === undefined ? 'expected the header "Authorization: Bearer …"' : 'the bearer token is wrong',
      { code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } },
    );
  };
}

/**
 * Without a token whoever reaches the loopback address is trusted. Web pages do so by a name of their own that leads
 * there, which the header tells.
 */
function refuseOtherHosts({ host = '' }: IncomingHttpHeaders): void {
  const name = host.replace(/:\d+$/, '');
  if (name === '' || isLoopback(name)) return;
  throw new ApiError(403, 'the header "Host" names another host than this one', { code: 'wrong_host' });
}
