/**
 * A process that appends rows without end and says which are acknowledged, one number a line; the test kills it.
 * Arguments: the database file.
 */
import { systemClock } from '../../src/ops/clock.ts';
import { StorageClient } from '../../src/storage/client.ts';
import { record } from './rows.ts';

const APPENDS_AT_ONCE = 20;

const client = new StorageClient({ file: process.argv[2] ?? '', after: systemClock.after });
await client.start();

async function appendForEver(): Promise<never> {
  for (;;) {
    const row = record();
    const result = await client.append([row]);
    if (!result.ok) throw new Error(result.reason);
    process.stdout.write(`${result.value[0]} ${row.id}\n`);
  }
}

await Promise.all(Array.from({ length: APPENDS_AT_ONCE }, appendForEver));
