/**
 * The claws: what they are doing, and the commands. A command goes body -> schema -> Commands.submit (which decides,
 * writes the intent and sends) -> 202, or the outcome itself where the client prefers to wait. Stop and estop skip
 * all that could hold them up or refuse them: they need a signed-in person and nothing else.
 */
import type { Request, RequestHandler, Response } from 'express';
import { type Command, VERB_RULES, VERBS, type Verb } from '../domain/command.ts';
import type { Clock, CommandRecord, Commands, Submission } from '../domain/ports.ts';
import { refusalProblem } from '../domain/problems.ts';
import { discardBody, readJson, refuseBody } from './body.ts';
import { actorOf } from './client.ts';
import { commandFingerprint, parseCommand } from './command-bodies.ts';
import type { OpenRequests } from './open-requests.ts';
import { principalOf, roleDetail } from './principal.ts';
import { sendProblem } from './problem.ts';
import { parseIdempotencyKey, parseWaitS } from './request-headers.ts';
import { type Handler, pathParameter, type Resource } from './resource.ts';
import { settledWithin } from './settled.ts';

export interface ClawsDependencies {
  readonly commands: Commands;
  readonly clock: Clock;
  readonly open: OpenRequests;
  /** What a request to stop passes, instead of the sign-in check that waits for the database. */
  readonly stopDoor: RequestHandler;
}

/** A command's id is 36 characters; a longer one need not be looked for. */
const COMMAND_ID_CHARS_MAX = 64;

/** GET /claws, GET /claws/:claw, one route for each verb, GET /claws/:claw/commands/:id. */
export function clawResources(deps: ClawsDependencies): readonly Resource[] {
  const { commands } = deps;
  return [
    { path: '/claws', get: (_req, res) => void res.json({ claws: commands.claws() }) },
    {
      path: '/claws/:claw',
      get(req, res) {
        const snapshot = commands.claw(pathParameter(req, 'claw'));
        if (snapshot === undefined) sendProblem(req, res, 'unknown_claw');
        else res.json(snapshot);
      },
    },
    { path: '/claws/:claw/commands/:id', get: (req, res) => showCommand(commands, req, res) },
    ...VERBS.map((verb) => ({
      path: `/claws/:claw/${verb}`,
      post: commandHandler(verb, deps),
      ...(isStop(verb) ? { doors: [deps.stopDoor] } : {}),
    })),
  ];
}

function isStop(verb: Verb): verb is 'stop' | 'estop' {
  return verb === 'stop' || verb === 'estop';
}

async function showCommand(commands: Commands, req: Request, res: Response): Promise<void> {
  const claw = pathParameter(req, 'claw');
  const id = pathParameter(req, 'id');
  if (commands.claw(claw) === undefined) return sendProblem(req, res, 'unknown_claw');
  const found = id.length > COMMAND_ID_CHARS_MAX ? null : await commands.find(claw, id);
  if (found === null) return sendProblem(req, res, 'unknown_command');
  if (found === 'unavailable') return sendProblem(req, res, 'storage_unavailable');
  res.json(found);
}

function commandHandler(verb: Verb, deps: ClawsDependencies): Handler {
  if (isStop(verb)) {
    return (req, res) => {
      // A stop says nothing more; whatever a body holds, or is still sending, is no reason to wait.
      discardBody(req);
      return submit(req, res, { verb }, deps);
    };
  }
  return async (req, res) => {
    if (deps.commands.claw(pathParameter(req, 'claw')) === undefined) {
      return sendProblem(req, res, 'unknown_claw');
    }
    const command = await readCommand(verb, req, res);
    if (command !== null) await submit(req, res, command, deps);
  };
}

/** The command of the body; null when the request was answered instead. */
async function readCommand(verb: Verb, req: Request, res: Response): Promise<Command | null> {
  const body = await readJson(req);
  if (body.kind === 'gone') return null;
  if (body.kind === 'problem') {
    refuseBody(req, res, body.code);
    return null;
  }
  const parsed = parseCommand(verb, body.value);
  if (parsed.kind === 'valid') return parsed.value;
  sendProblem(req, res, 'invalid_input', { errors: parsed.errors });
  return null;
}

async function submit(req: Request, res: Response, command: Command, deps: ClawsDependencies): Promise<void> {
  const claw = pathParameter(req, 'claw');
  const principal = principalOf(res);
  const asked = parseIdempotencyKey(req.headers['idempotency-key']);
  // A stop is not refused over a header: it is harmless to repeat, so without a usable key it goes out without one.
  if (asked.kind === 'invalid' && !isStop(command.verb))
    return sendProblem(req, res, 'idempotency_key_invalid');
  const submission = await deps.commands.submit({
    claw,
    command,
    actor: actorOf(req, principal),
    role: principal.role,
    idempotency:
      asked.kind === 'key' ? { key: asked.key, fingerprint: commandFingerprint(claw, command) } : null,
  });
  if (submission.kind === 'accepted') await answerAccepted(req, res, submission, deps);
  else answerRefused(req, res, command.verb, submission);
}

function answerRefused(
  req: Request,
  res: Response,
  verb: Verb,
  submission: Exclude<Submission, { readonly kind: 'accepted' }>,
): void {
  switch (submission.kind) {
    case 'refused': {
      const detail =
        submission.code === 'not_permitted'
          ? { detail: roleDetail(principalOf(res).role, VERB_RULES[verb].role) }
          : {};
      return sendProblem(req, res, refusalProblem(submission.code), detail);
    }
    case 'unknown_claw':
      return sendProblem(req, res, 'unknown_claw');
    case 'key_reused':
      return sendProblem(req, res, 'idempotency_key_reused');
    case 'storage_unavailable':
      return sendProblem(req, res, 'storage_unavailable');
  }
}

async function answerAccepted(
  req: Request,
  res: Response,
  accepted: Extract<Submission, { readonly kind: 'accepted' }>,
  deps: ClawsDependencies,
): Promise<void> {
  const waitS = parseWaitS(req.headers.prefer);
  let settled: CommandRecord | null = null;
  if (waitS !== null) {
    res.set('Preference-Applied', `wait=${waitS}`);
    settled = await settledWithin(accepted.settled, waitS * 1000, res, deps.clock, deps.open);
  }
  if (res.destroyed) return;
  const { claw, id } = accepted.record;
  res.location(`/claws/${encodeURIComponent(claw)}/commands/${encodeURIComponent(id)}`);
  const shown = settled ?? accepted.record;
  // What an earlier life of the gateway began may end without an outcome to tell yet.
  res.status(shown.status === 'pending' ? 202 : 200).json(shown);
}
