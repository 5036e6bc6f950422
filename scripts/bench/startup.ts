/** Start to ready: from starting the process to its first answer over HTTP, the gateway's bundle against a bundled hello. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE_FLAGS } from '../build.ts';
import { freePort, start, untilAnswer } from '../support/processes.ts';

const STARTS = 12;

export interface StartSamples {
  readonly subjectMs: readonly number[];
  readonly floorMs: readonly number[];
}

async function timeStart(
  args: readonly string[],
  env: Record<string, string>,
  port: number,
): Promise<number> {
  const child = start(process.execPath, args, env);
  try {
    return await untilAnswer(`http://127.0.0.1:${port}/health`);
  } finally {
    await child.stop();
  }
}

/** Starts both in turns. The gateway finds a database from its second start on, as a device does; the first is thrown away. */
export async function timeStarts(folder: string, mainFile: string, helloFile: string): Promise<StartSamples> {
  const dataDir = join(folder, 'start-data');
  await mkdir(dataDir, { recursive: true });
  const subjectMs: number[] = [];
  const floorMs: number[] = [];
  for (let round = 0; round <= STARTS; round += 1) {
    const port = await freePort();
    const env = {
      NODE_ENV: 'production',
      CLAWS: `claw-1=${join(folder, 'no-such-port')}`,
      DATA_DIR: dataDir,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: String(port),
    };
    const floor = await timeStart([helloFile, String(port)], {}, port);
    const subject = await timeStart([...NODE_FLAGS, mainFile], env, port);
    if (round === 0) continue;
    floorMs.push(floor);
    subjectMs.push(subject);
  }
  return { subjectMs, floorMs };
}
