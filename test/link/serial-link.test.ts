/** Orders over one port: deadlines on the board's clock, a line that takes nothing, and the end that settles all. */
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { SimulatedCable } from '../../scripts/support/simulated-port.ts';
import { LinkCounters } from '../../src/link/link-statistics.ts';
import { PortSession } from '../../src/link/port-session.ts';
import { OpenQuestions } from '../../src/link/questions.ts';
import { SerialLink } from '../../src/link/serial-link.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { ScriptedBoard } from './support.ts';

const SESSION = '00001000';
const HOME = { verb: 'HOME', args: [] } as const;

let end: () => void;
afterEach(() => end());

/** A link with a live session on a port of its own. */
async function live() {
  const board = new ScriptedBoard();
  const port = new SimulatedCable(board, '/simulated/claw').makePort();
  const questions = new OpenQuestions();
  let link: SerialLink | undefined;
  const session = new PortSession(port, {
    onOpen: () => port.emit('ready'),
    onLine: (result) => link?.hear(result),
    onClosed: () => link?.end(),
  });
  await once(port, 'ready');
  const begun = new Promise<void>((resolve) => {
    link = new SerialLink(session, {
      clock: systemClock,
      makeNonce: () => '0000000A',
      questions,
      counters: new LinkCounters(),
      events: { onSession: (alive) => alive && resolve(), onNews: () => {}, onStopConfirmed: () => {} },
      stopFirst: false,
    });
  });
  await board.welcome(SESSION);
  await begun;
  end = () => session.close('the test is over');
  return { board, port, session, link: link!, questions };
}

const durable = async () => true;

describe('serial link', () => {
  it('gives an order a deadline on the board clock, less what the record took', async () => {
    const { board, link } = await live();
    void link.execute(HOME, 'id', 1500, durable);
    const [, , , deadline] = (await board.hear(/^C /)).split(' ');
    // The board's clock was heard at 100 ms; the deadline is at most 1500 ms after that, and the test's own time.
    expect(Number.parseInt(deadline!, 16)).toBeGreaterThan(1000);
    expect(link.commandId).toBe('id');
  });

  it('refuses what the line does not take, and never uses its number', async () => {
    const { board, port, session, link, questions } = await live();
    port.cork();
    while (session.write('x'.repeat(60)));
    expect(await link.execute(HOME, 'id', 1500, durable)).toEqual({ kind: 'refused', code: 'session_ended' });
    port.uncork();
    expect(link.live).toBe(false);
    expect(questions.size).toBe(0);
    await board.welcome('00001001');
    expect(board.heard.some((frame) => frame.startsWith('C '))).toBe(false);
  });

  it('in a session whose numbers are used up asks for a new one, to stop as well as to move', async () => {
    const { board, link } = await live();
    let seq = 0;
    // The board refuses each at once, so the numbers run out.
    while (seq < 65_535) {
      seq += 1;
      const outcome = link.execute(HOME, 'id', 1500, durable);
      await Promise.resolve();
      await Promise.resolve();
      link.hear({ kind: 'frame', payload: `E ${SESSION} ${seq} BUSY` });
      await outcome;
    }
    board.heard.length = 0;
    const stopped = link.stop();
    await board.welcome('00001001');
    expect(await stopped).toEqual({ kind: 'done' });
    expect(board.heard.some((frame) => frame.startsWith('C '))).toBe(false);
  });

  it('after its end settles whatever is asked', async () => {
    const { board, link, questions } = await live();
    const moving = link.execute(HOME, 'id', 1500, durable);
    await board.hear(/^C /);
    const stopped = link.stop();
    end();
    expect(await stopped).toBeNull();
    expect(await link.stop()).toBeNull();
    expect(await link.reset(1000)).toBe(false);
    expect(await link.execute(HOME, 'id', 1500, durable)).toEqual({ kind: 'refused', code: 'link_down' });
    expect(questions.next()).toEqual({ session: SESSION, seq: 1 });
    questions.settleAll({ kind: 'unknown', code: 'gateway_restarted' });
    expect(await moving).toEqual({ kind: 'unknown', code: 'gateway_restarted' });
  });
});
