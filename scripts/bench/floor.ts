/** The floor as a target of the press bench: its process, and a pty whose other end is thrown away. */
import { join } from 'node:path';
import { residentMegabytes, start, untilFile } from '../support/processes.ts';
import { caller } from './caller.ts';
import type { PressTarget } from './target.ts';

/** Starts the floor with its files in `folder`. */
export async function startFloor(folder: string): Promise<PressTarget> {
  const tty = join(folder, 'floor-tty');
  const pty = start('socat', ['-u', `PTY,raw,echo=0,link=${tty}`, 'OPEN:/dev/null']);
  await untilFile(tty);
  const script = join(import.meta.dirname, 'floor-server.ts');
  const server = start(process.execPath, [script, tty, join(folder, 'floor.db')]);
  const [port = ''] = await server.line(/^listening (\d+)$/);
  const client = caller(`http://127.0.0.1:${port}`);
  return {
    async press() {
      const { status, tookMs } = await client.call('POST', '/claws/claw-1/strike', {});
      if (status !== 202) throw new Error(`the floor answered ${status}`);
      return tookMs;
    },
    residentMegabytes: () => residentMegabytes(server.process.pid!),
    async stop() {
      client.close();
      await server.stop();
      await pty.stop();
    },
  };
}
