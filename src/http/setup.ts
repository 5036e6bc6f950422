/**
 * POST /setup: claims the gateway with the one-time code that the first start printed, and so makes the first admin.
 * Open by nature: before it nobody can sign in. The code itself, and that it works once, are the auth room's.
 */
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Setup } from '../domain/ports.ts';
import { readJson, refuseBody } from './body.ts';
import { actorOf } from './client.ts';
import { sendProblem } from './problem.ts';
import { OPEN, type Resource } from './resource.ts';
import { textField, validate } from './validation.ts';

export interface SetupDependencies {
  readonly setup: Setup;
}

const DEFAULT_NAME = 'Admin';

/** What a claim holds. Which passwords and addresses are good is the auth room's to say. */
export const SETUP_BODY = z.strictObject({
  code: textField(1, 64),
  email: textField(3, 254),
  password: textField(1, 256),
  name: textField(1, 100).optional(),
});

/** The claim. */
export function setupResource(deps: SetupDependencies): Resource {
  return { path: '/setup', doors: OPEN, post: (req, res) => claim(req, res, deps) };
}

async function claim(req: Request, res: Response, { setup }: SetupDependencies): Promise<void> {
  const body = await readJson(req);
  if (body.kind === 'gone') return;
  if (body.kind === 'problem') return refuseBody(req, res, body.code);
  const asked = validate(SETUP_BODY, body.value);
  if (asked.kind === 'invalid') return sendProblem(req, res, 'invalid_input', { errors: asked.errors });
  const { code, email, password, name = DEFAULT_NAME } = asked.value;
  const result = await setup.claim({ code, email, password, name, actor: actorOf(req, null) });
  switch (result.kind) {
    case 'claimed':
      res.status(201).location('/me').json(result.principal);
      return;
    case 'refused':
      return sendProblem(req, res, result.code);
    case 'invalid':
      return sendProblem(req, res, 'invalid_input', { detail: result.message });
  }
}
