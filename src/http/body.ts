/**
 * Reads a small JSON body. Express's own parser is not used, for two reasons: it reads a refused body to its end
 * before it answers, which a body without end never lets it do, and it inflates compressed bodies, which nobody here
 * sends. This one answers at once, keeps nothing of what is too large and hangs up on who goes on sending.
 */
import type { Request, Response } from 'express';
import type { ProblemCode } from '../domain/problems.ts';
import { sendProblem } from './problem.ts';

/** The largest command is below 100 bytes; a set-up request below 700. */
export const BODY_BYTES_MAX = 4096;
/** So much of a refused body is thrown away to let its sender read the answer; then the line is cut. */
const DISCARDED_BYTES_MAX = 4 * 1024 * 1024;

export type BodyResult =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'problem'; readonly code: ProblemCode }
  /** The client hung up in the middle. */
  | { readonly kind: 'gone' };

const problem = (code: ProblemCode): BodyResult => ({ kind: 'problem', code });

function hasBody(req: Request): boolean {
  const { 'content-length': length, 'transfer-encoding': transfer } = req.headers;
  return transfer !== undefined || (length !== undefined && Number(length) > 0);
}

function isPlainJson(req: Request): boolean {
  const type = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
  const encoding = req.headers['content-encoding'] ?? 'identity';
  return type.test(req.headers['content-type'] ?? '') && encoding.toLowerCase() === 'identity';
}

/** Lets a body that nobody will read run into nothing, within a bound. */
export function discardBody(req: Request): void {
  let discardedBytes = 0;
  req.on('data', (chunk: Buffer) => {
    discardedBytes += chunk.length;
    if (discardedBytes > DISCARDED_BYTES_MAX) req.socket.destroy();
  });
  req.on('error', () => {});
}

function parse(chunks: readonly Buffer[]): BodyResult {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    return text.trim() === '' ? { kind: 'json', value: {} } : { kind: 'json', value: JSON.parse(text) };
  } catch {
    return problem('bad_json');
  }
}

/** Collects the body up to the bound and parses it. Slow bodies are ended by the server's request time-out. */
function collect(req: Request): Promise<BodyResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let receivedBytes = 0;
    const onData = (chunk: Buffer): void => {
      receivedBytes += chunk.length;
      if (receivedBytes <= BODY_BYTES_MAX) {
        chunks.push(chunk);
        return;
      }
      req.off('data', onData);
      discardBody(req);
      resolve(problem('body_too_large'));
    };
    req.on('data', onData);
    req.once('end', () => resolve(parse(chunks)));
    req.once('error', () => resolve({ kind: 'gone' }));
    req.once('close', () => resolve({ kind: 'gone' }));
  });
}

/** The body as JSON; an absent one is `{}`, as commands without arguments have none. */
export async function readJson(req: Request): Promise<BodyResult> {
  if (!hasBody(req)) return { kind: 'json', value: {} };
  const tooLarge = Number(req.headers['content-length'] ?? 0) > BODY_BYTES_MAX;
  if (!tooLarge && isPlainJson(req)) return await collect(req);
  discardBody(req);
  return problem(tooLarge ? 'body_too_large' : 'unsupported_media_type');
}

/** Answers a body that could not be read. */
export function refuseBody(req: Request, res: Response, code: ProblemCode): void {
  sendProblem(
    req,
    res,
    code,
    code === 'body_too_large' ? { detail: `A body may have at most ${BODY_BYTES_MAX} bytes.` } : {},
  );
}
