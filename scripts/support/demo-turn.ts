/**
 * One whole turn, as a player plays it, with its traces beside each command: the frames that went over the wire, the
 * outcome that HTTP told, the rows in the audit log, and what the board itself says it did. Answers what did not hold.
 */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Role } from '../../src/domain/roles.ts';
import { type DemoAccount, signIn } from './demo-accounts.ts';
import { call } from './demo-client.ts';
import { type StreamedState, streamedStates } from './state-stream.ts';

export interface TurnOptions {
  readonly url: string;
  readonly accounts: readonly DemoAccount[];
  readonly dataDir: string;
  readonly simulatorLog: string;
  readonly say: (text: string) => void;
}

interface Step {
  readonly verb: string;
  readonly by: Role;
  readonly body: Record<string, number>;
  readonly meaning: string;
}

const JOG = { verb: 'jog', by: 'player', body: { vx: 100, vy: 100, durationMs: 200 } } as const;

const TURN: readonly Step[] = [
  { verb: 'home', by: 'operator', body: {}, meaning: 'find the position: hoist up, then both switches' },
  { ...JOG, meaning: 'hold the stick: right and back' },
  { ...JOG, meaning: 'and once more' },
  { verb: 'strike', by: 'player', body: {}, meaning: 'lower the claw onto the prizes' },
  { verb: 'capture', by: 'player', body: { grip: 100 }, meaning: 'close it and hoist' },
  { verb: 'move', by: 'player', body: { x: 0, y: 0 }, meaning: 'over the chute' },
  { verb: 'release', by: 'player', body: {}, meaning: 'open it' },
];
/** Frames that only keep the line alive, and would hide the others. */
const HEARTBEAT = /^[KST] /;
const CONNECT_TIMEOUT_MS = 10_000;
const PRIZE_TIMEOUT_MS = 3000;

interface LogEntry {
  readonly kind: string;
  readonly direction?: string;
  readonly line?: string;
  readonly motions?: number;
}

interface AuditTrace {
  readonly seq: number;
  readonly phase: string;
  readonly action: string;
  readonly status: string;
}

/** Plays the turn; answers one sentence for each thing that did not hold. */
export async function playTurn(options: TurnOptions): Promise<readonly string[]> {
  const { url, accounts, say, simulatorLog } = options;
  const faults: string[] = [];
  const tokens = new Map<Role, string>();
  for (const account of accounts) tokens.set(account.role, await signIn(url, account));
  const token = tokens.get('player')!;
  const ready = await untilState({ url, token, withinMs: CONNECT_TIMEOUT_MS }, ({ link }) => link === 'up');
  if (ready?.link !== 'up') return ['the link to the simulated claw did not come up'];
  say('\nOne turn, over HTTP:');
  for (const [index, step] of TURN.entries()) {
    const before = readLog(simulatorLog).length;
    const answer = await call(url, 'POST', `/claws/claw-1/${step.verb}`, {
      body: step.body,
      token: tokens.get(step.by)!,
      headers: { prefer: 'wait=30' },
    });
    const trace = readLog(simulatorLog).slice(before);
    faults.push(...show(options, `${index + 1}. ${step.verb}`, step, answer, trace));
  }
  // The prize still falls when the claw has opened, and the board tells its totals once a second.
  const won = (ready.meters?.prizes ?? 0) + 1;
  const after = await untilState(
    { url, token, withinMs: PRIZE_TIMEOUT_MS },
    ({ meters }) => (meters?.prizes ?? 0) >= won,
  );
  say(
    `\nThe claw is ${after?.state}, SIMULATED; prizes by its meter: ${after?.meters?.prizes ?? 'unknown'}.`,
  );
  if (after?.simulated !== true) faults.push('the simulated claw does not call itself simulated');
  return faults;
}

function show(
  { dataDir, say }: TurnOptions,
  title: string,
  step: Step,
  answer: { readonly status: number; readonly body: unknown },
  trace: readonly LogEntry[],
): string[] {
  const { id, status, message, detail, durationMs } = answer.body as Record<string, string | undefined>;
  const given = Object.keys(step.body).length === 0 ? '' : ` ${JSON.stringify(step.body)}`;
  say(`\n  ${title}${given} — ${step.meaning} (as the ${step.by})`);
  for (const { direction, line = '' } of trace) {
    if (direction !== undefined && !HEARTBEAT.test(line))
      say(`     wire   ${direction === 'to-board' ? '→' : '←'} ${line}`);
  }
  const outcome = `${answer.status} ${status} in ${durationMs ?? '?'} ms: ${message ?? detail}`;
  say(`     http   ${outcome}`);
  const rows = id === undefined ? [] : auditRows(dataDir, id);
  for (const row of rows) say(`     audit  #${row.seq} ${row.phase} ${row.action} ${row.status}`);
  const motions = trace.filter(({ kind }) => kind === 'motion-started').length;
  say(`     board  ${motions} motion${motions === 1 ? '' : 's'} begun`);
  const faults: string[] = [];
  if (answer.status !== 200 || status !== 'done') faults.push(`${title}: ${outcome}`);
  if (motions !== 1) faults.push(`${title}: the board began ${motions} motions`);
  if (rows.map(({ phase }) => phase).join() !== 'intent,outcome')
    faults.push(`${title}: the audit log has ${rows.length} rows`);
  return faults;
}

/** The gateway holds its database alone, so the rows are read from a copy, as anybody may. */
function auditRows(dataDir: string, commandId: string): readonly AuditTrace[] {
  const folder = mkdtempSync(join(tmpdir(), 'claw-audit-'));
  try {
    const copy = join(folder, 'copy.sqlite');
    for (const suffix of ['', '-wal']) {
      const file = join(dataDir, `claw-gateway.sqlite${suffix}`);
      if (existsSync(file)) copyFileSync(file, `${copy}${suffix}`);
    }
    const database = new Database(copy);
    const rows = database
      .prepare('SELECT seq, phase, action, status FROM audit_logs WHERE command_id = ? ORDER BY seq')
      .all(commandId);
    database.close();
    return rows as AuditTrace[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readLog(path: string): readonly LogEntry[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as LogEntry);
}

/** Follows the gateway's own stream of states until one fits; the newest one when the time is over. */
async function untilState(
  { url, token, withinMs }: { readonly url: string; readonly token: string; readonly withinMs: number },
  fits: (state: StreamedState) => boolean,
): Promise<StreamedState | null> {
  const until = AbortSignal.timeout(withinMs);
  let newest: StreamedState | null = null;
  try {
    for await (const state of streamedStates(url, token, until)) {
      newest = state;
      if (fits(state)) break;
    }
  } catch (error) {
    if (!until.aborted) throw error;
  }
  return newest;
}
