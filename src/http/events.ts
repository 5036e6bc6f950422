/**
 * GET /claws/:claw/events: the claw's state as it changes. The number of streams is bounded, for all and for each
 * person; every heartbeat asks again who is watching, so a stream does not outlive the session that opened it.
 */
import type { Request, Response } from 'express';
import type { Clock, Commands, Log, Principal, Principals } from '../domain/ports.ts';
import { hasOwnOrigin } from './gate.ts';
import { observed } from './observe.ts';
import type { OpenRequests } from './open-requests.ts';
import { principalOf } from './principal.ts';
import { sendProblem } from './problem.ts';
import { pathParameter, type Resource } from './resource.ts';
import { StateStream } from './state-stream.ts';

export interface EventsDependencies {
  readonly commands: Commands;
  readonly principals: Principals;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: OpenRequests;
}

export const STREAMS_MAX = 64;
export const STREAMS_PER_USER_MAX = 8;
export const HEARTBEAT_INTERVAL_MS = 15_000;

/** Counts the open streams, for all and for each person. */
class StreamPlaces {
  readonly #byUser = new Map<string, number>();
  #total = 0;

  /** Takes a place; null when there is none left. The answer gives it back, once. */
  take(userId: string): (() => void) | null {
    const own = this.#byUser.get(userId) ?? 0;
    if (this.#total >= STREAMS_MAX || own >= STREAMS_PER_USER_MAX) return null;
    this.#total += 1;
    this.#byUser.set(userId, own + 1);
    return () => {
      this.#total -= 1;
      const left = (this.#byUser.get(userId) ?? 1) - 1;
      if (left === 0) this.#byUser.delete(userId);
      else this.#byUser.set(userId, left);
    };
  }
}

/** The stream of each claw. */
export function eventsResource(deps: EventsDependencies): Resource {
  const places = new StreamPlaces();
  return { path: '/claws/:claw/events', get: (req, res) => stream(req, res, deps, places) };
}

function stream(req: Request, res: Response, deps: EventsDependencies, places: StreamPlaces): void {
  const claw = pathParameter(req, 'claw');
  const snapshot = deps.commands.claw(claw);
  // A page of another origin cannot read the stream, but it could use up its places.
  if (!hasOwnOrigin(req)) return sendProblem(req, res, 'origin_forbidden');
  if (snapshot === undefined) return sendProblem(req, res, 'unknown_claw');
  if (req.method === 'HEAD') return void res.type('text/event-stream').end();
  const principal = principalOf(res);
  const leave = places.take(principal.userId);
  if (leave === null) {
    const detail = `At most ${STREAMS_PER_USER_MAX} streams a person and ${STREAMS_MAX} in all are open at a time.`;
    return sendProblem(req, res, 'overloaded', { detail });
  }
  const view = new StateStream(res, deps.clock);
  view.push(snapshot);
  const undo = [
    leave,
    deps.commands.subscribe(claw, (changed) => view.push(changed)),
    keepAlive(req, view, principal, deps),
    deps.open.add(() => view.end()),
  ];
  res.once('close', () => {
    for (const step of undo) step();
    view.end();
  });
  observed(res);
}

/** Beats until the viewer stalls, signs out or is cancelled by the answer. */
function keepAlive(
  req: Request,
  view: StateStream,
  principal: Principal,
  { principals, clock, log }: EventsDependencies,
): () => void {
  let cancelled = false;
  let cancelTimer = (): void => {};
  const stillWatching = async (): Promise<boolean> => {
    const now = await principals.identify(req.headers);
    // A database that is away for a moment proves nothing against the viewer; the next beat asks again.
    return now === 'unavailable' || now?.userId === principal.userId;
  };
  const beat = async (): Promise<void> => {
    if (view.stalled || !(await stillWatching())) return view.end();
    if (cancelled) return;
    view.beat();
    arm();
  };
  const arm = (): void => {
    cancelTimer = clock.after(HEARTBEAT_INTERVAL_MS, () => {
      beat().catch((error: unknown) => {
        log.error({ reason: String(error) }, 'the heartbeat of an event stream failed');
        view.end();
      });
    });
  };
  arm();
  return () => {
    cancelled = true;
    cancelTimer();
  };
}
