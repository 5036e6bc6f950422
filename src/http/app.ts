/**
 * The Express app: every request goes down this file. Data flows from here to control (Commands) and back; nothing
 * below knows HTTP. Whatever is not said to be open is for signed-in people only, unknown addresses included, so a
 * stranger cannot even learn which addresses exist.
 */
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import type { Clock, Commands, HealthReport, Log, Meters, Principals, Setup } from '../domain/ports.ts';
import { mountAuth } from './auth-routes.ts';
import { clawResources } from './claws.ts';
import { eventsResource } from './events.ts';
import { gate } from './gate.ts';
import { healthResource } from './health.ts';
import { meResource } from './me.ts';
import { metricsResource } from './metrics.ts';
import { observe } from './observe.ts';
import { OpenRequests } from './open-requests.ts';
import { authenticate, authenticateForStop } from './principal.ts';
import { problemHandler, sendProblem } from './problem.ts';
import { mount } from './resource.ts';
import { setupResource } from './setup.ts';

export interface AppDependencies {
  readonly commands: Commands;
  readonly principals: Principals;
  readonly setup: Setup;
  /** The account library's handler for Node; gets requests under /auth/ with their bodies unread. */
  readonly authHandler: (req: Request, res: Response) => Promise<void>;
  readonly meters: Meters;
  readonly health: () => HealthReport;
  readonly log: Log;
  readonly clock: Clock;
  /** Host names, beside addresses, localhost and *.local, under which this gateway is reached. */
  readonly allowedHosts: readonly string[];
}

export interface HttpApp {
  readonly app: Express;
  /** Ends event streams and waits, and all that come later; part of closing. */
  closeStreams(): void;
}

/** Builds the app. */
export function createApp(deps: AppDependencies): HttpApp {
  const app = bareApp();
  const open = new OpenRequests();
  const signedIn = authenticate(deps.principals);

  app.use(observe(deps.meters, deps.clock));
  app.use(safeHeaders());
  app.use(gate(deps.allowedHosts));
  mountAuth(app, deps);
  mount(app, signedIn, healthResource(deps.health));
  mount(app, signedIn, setupResource(deps));
  mount(app, signedIn, metricsResource(deps.meters, signedIn));
  mount(app, signedIn, meResource());
  mount(app, signedIn, eventsResource({ ...deps, open }));
  const stopDoor = authenticateForStop(deps.principals);
  for (const resource of clawResources({ ...deps, open, stopDoor })) mount(app, signedIn, resource);
  app.use(signedIn, (req, res) => sendProblem(req, res, 'not_found'));
  app.use(problemHandler(deps.log));

  return { app, closeStreams: () => open.closeAll() };
}

function bareApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  // States change by the moment and must not be kept; a tag would only cost a hash.
  app.disable('etag');
  // Nothing here reads a query; the forwarding headers of whoever calls are not believed.
  app.set('query parser', false);
  app.set('trust proxy', false);
  app.enable('case sensitive routing');
  return app;
}

/** An API serves no pages: nothing may be loaded, framed or kept. */
function safeHeaders(): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      },
      // Spoken over plain HTTP on a LAN, it would be ignored; a proxy with a certificate sets its own.
      strictTransportSecurity: false,
    }),
    (_req, res, next) => {
      res.set('Cache-Control', 'no-store');
      next();
    },
  ];
}
