/**
 * One address of the API and the methods it takes. Mounting puts the doors before the handlers and answers what is
 * left: OPTIONS with the methods, any other method with 405. A resource that says nothing about its doors is for
 * signed-in people only, so a forgotten word closes a route instead of opening it.
 */
import type { Application, Request, RequestHandler, Response } from 'express';
import { sendProblem } from './problem.ts';

export type Handler = (req: Request, res: Response) => void | Promise<void>;

export interface Resource {
  /** The route's template; also its label in the metrics. */
  readonly path: string;
  /** What a request passes first, instead of the sign-in check. */
  readonly doors?: readonly RequestHandler[];
  readonly get?: Handler;
  readonly post?: Handler;
}

/** The doors of what anybody may see. */
export const OPEN: readonly RequestHandler[] = [];

/** Adds a resource to the app. */
export function mount(app: Application, signedIn: RequestHandler, resource: Resource): void {
  const route = app.route(resource.path);
  const doors = resource.doors ?? [signedIn];
  if (doors.length > 0) route.all(...doors);
  if (resource.get !== undefined) route.get(resource.get);
  if (resource.post !== undefined) route.post(resource.post);
  const allow = [
    ...(resource.get === undefined ? [] : ['GET', 'HEAD']),
    ...(resource.post === undefined ? [] : ['POST']),
    'OPTIONS',
  ].join(', ');
  route.all((req, res) => {
    res.set('Allow', allow);
    if (req.method === 'OPTIONS') res.status(204).end();
    else sendProblem(req, res, 'method_not_allowed', { detail: `This address takes ${allow}.` });
  });
}

/** A parameter of the path, decoded. */
export function pathParameter(req: Request, name: string): string {
  const value = req.params[name];
  return typeof value === 'string' ? value : '';
}
