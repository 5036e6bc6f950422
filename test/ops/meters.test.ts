/** The exposition: totals are read when scraped, labels come from closed sets. */
import { expect, it } from 'vitest';
import type { LinkStatistics, StorageTotals } from '../../src/domain/ports.ts';
import { PrometheusMeters } from '../../src/ops/meters.ts';
import { READY_SNAPSHOT } from '../support/snapshots.ts';

const TOTALS: LinkStatistics = {
  framesReceived: 10,
  discarded: { CRC: 2, SYN: 1 },
  refusals: { GAP: 1 },
  resends: 3,
  handshakes: 1,
  portOpens: 2,
  boardResets: 0,
  emergencyStops: 1,
};

it('shows the process, requests, commands and every claw', async () => {
  const meters = new PrometheusMeters({
    claws: () => [
      READY_SNAPSHOT,
      { ...READY_SNAPSHOT, claw: 'claw-2', link: 'down', state: 'estop', simulated: null },
    ],
    link: () => TOTALS,
    storage: () => ({ status: 'up', reason: null }),
    storageTotals: async () => ({
      databaseBytes: 4096,
      walBytes: 512,
      openIntents: 1,
      commits: 7,
      rowsWritten: 9,
    }),
  });
  meters.observeRequest({ method: 'POST', route: '/claws/:claw/strike', status: 202, durationMs: 7 });
  meters.observeCommand('strike', { kind: 'failed', code: 'stopped' }, 1200);
  const { contentType, body } = await meters.render();
  expect(contentType).toMatch(/^text\/plain/);
  // Scraped twice, a total must not have grown by itself.
  expect((await meters.render()).body).toContain('claw_link_resends_total{claw="claw-1"} 3');
  for (const line of [
    'claw_link_resends_total{claw="claw-1"} 3',
    'claw_link_discarded_lines_total{claw="claw-2",reason="CRC"} 2',
    'claw_link_refusals_total{claw="claw-1",reason="GAP"} 1',
    'claw_link_up{claw="claw-1"} 1',
    'claw_link_up{claw="claw-2"} 0',
    'claw_simulated{claw="claw-1"} 1',
    'claw_estop_latched{claw="claw-2"} 1',
    'storage_up 1',
    'storage_database_bytes 4096',
    'storage_rows_written 9',
    'http_request_duration_seconds_count{method="POST",route="/claws/:claw/strike",status="202"} 1',
    'claw_command_duration_seconds_count{verb="strike",outcome="failed"} 1',
  ]) {
    expect(body.split('\n')).toContain(line);
  }
  expect(body).toContain('process_resident_memory_bytes');
});

it('tells no size of a database that cannot be asked', async () => {
  let totals: StorageTotals | null = null;
  const meters = new PrometheusMeters({
    claws: () => [],
    link: () => TOTALS,
    storage: () => ({ status: 'down', reason: 'gone' }),
    storageTotals: async () => totals,
  });
  expect((await meters.render()).body).not.toMatch(/^storage_database_bytes/m);
  totals = { databaseBytes: 4096, walBytes: 512, openIntents: 1, commits: 7, rowsWritten: 9 };
  expect((await meters.render()).body).toMatch(/^storage_database_bytes 4096$/m);
  totals = null;
  expect((await meters.render()).body).not.toMatch(/^storage_database_bytes/m);
});
