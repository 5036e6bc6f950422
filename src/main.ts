#!/usr/bin/env node
/**
 * The process: configuration, start, signals, exit code. 0 after a wanted end, 1 when it cannot run here, 2 when the
 * configuration is wrong.
 */
import { compose, VERSION } from './compose.ts';
import { readConfig } from './config.ts';
import { createLogger } from './ops/logger.ts';

const NODE_MAJOR_MIN = 24;
const EXIT = { cannotRun: 1, wrongConfiguration: 2 } as const;

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  console.error(
    `claw-gateway: this is Node ${process.versions.node}; start it with node_modules/.bin/node, which is the one it is made for`,
  );
  process.exit(EXIT.cannotRun);
}
const result = readConfig();
if (result.kind === 'faults') {
  console.error(
    `claw-gateway: the configuration is wrong:\n${result.faults.map((fault) => `  ${fault}`).join('\n')}`,
  );
  process.exit(EXIT.wrongConfiguration);
}

const log = createLogger({ level: result.config.logLevel, version: VERSION });
const gateway = compose(result.config, {
  log,
  // On standard output and not through the log: it is for the person who installs this, and it works once.
  showSetupCode: (code) =>
    console.log(`Setup code: ${code}\nWhoever sends it to POST /setup becomes this gateway's first admin.`),
});

async function end(signal: NodeJS.Signals): Promise<void> {
  log.info({ signal }, 'stopping');
  await gateway.stop();
  process.exit(0);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(signal));
// A bug: say it and end, so that the supervisor starts a clean process. The board stops by itself without keep-alives.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    log.error({ err: error }, event);
    process.exit(EXIT.cannotRun);
  });
}

try {
  const { url } = await gateway.start();
  log.info({ url, claws: result.config.claws.map(({ claw }) => claw) }, 'ready');
} catch (error) {
  console.error(`claw-gateway: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(EXIT.cannotRun);
}
