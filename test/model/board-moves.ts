/** The board of the small world: the reference board's own rules, with the truth of what ran kept beside them. */
import type { Slot } from '../../firmware-protocol/simulator/outcome-ring.ts';
import {
  accept,
  ask,
  clearLatch,
  type Ended,
  emergencyStop,
  endRunning,
  endSession,
  hello,
  judgeCommand,
  reject,
  restart,
  type SessionState,
} from '../../firmware-protocol/simulator/session.ts';
import {
  type Down,
  spend,
  type Take,
  type Told,
  type Truth,
  type Up,
  type Variant,
  type World,
} from './world.ts';

/** What may happen to the board now. */
export function boardSteps(world: World, take: Take): void {
  const { board, left } = world;
  if (board.running !== null) take('board: done', ended(world, endRunning(board, 'OK')));
  if (board.live !== null && board.running !== null)
    take('board: dead-man', ended(world, endSession(board, 'LINK')));
  if (left.resets > 0) {
    for (const cause of ['EXT', 'POR'] as const)
      take(`board: ${cause}`, {
        ...ended(world, restart(board, cause), false),
        left: spend(world, 'resets'),
      });
  }
}

/** Takes over the board's rules; what ran has ended as they say, which the board tells unless it was restarted. */
function ended(
  world: World,
  after: { readonly state: SessionState; readonly ended: Ended | null },
  tells = true,
): World {
  const { running } = world;
  if (after.ended === null || running === null) return { ...world, board: after.state };
  const { slot, code } = after.ended;
  const end = code === 'OK' ? 'whole' : 'part';
  const truth = world.truth.map((one, id): Truth => (id === running ? { ...one, end } : one));
  const up: readonly Up[] = tells ? [...world.up, { t: 'D', slot, code }] : world.up;
  return { ...world, board: after.state, running: null, truth, up };
}

const answer = (world: World, frame: Up): World => ({ ...world, up: [...world.up, frame] });

/** The board hears a frame; `late`: past its deadline. */
export function atBoard(world: World, frame: Down, variant: Variant | null, late: boolean): World {
  const { board } = world;
  switch (frame.t) {
    case 'H': {
      const made = hello(board);
      const after = ended(world, made);
      const told = frame.open === null ? null : toldOf(ask(after.board, frame.open));
      return answer(after, { t: 'W', n: frame.n, session: made.session, challenge: after.board.latch, told });
    }
    case 'ESC':
      return ended(world, emergencyStop(board));
    case 'Z': {
      if (board.live?.session !== frame.session)
        return answer(world, { t: 'N', code: 'BADSESS', slot: null });
      const cleared = clearLatch(board, frame.challenge);
      return cleared === 'ESTOP' ? world : { ...world, board: cleared };
    }
    case 'Q': {
      if (board.live?.session !== frame.session)
        return answer(world, { t: 'N', code: 'BADSESS', slot: null });
      return answer(world, recorded(ask(board, frame.slot), frame.slot));
    }
    case 'C':
      return commanded(world, frame.slot, frame.id, variant, late);
  }
}

function commanded(world: World, slot: Slot, id: number, variant: Variant | null, late: boolean): World {
  // Left out: a board that looks at no session takes whatever has the next number.
  const seen =
    variant === 'no-session' && world.board.live !== null
      ? { ...world.board, live: { ...world.board.live, session: slot.session } }
      : world.board;
  const verdict = judgeCommand(seen, slot);
  if (verdict.kind === 'recorded') return answer(world, recorded(verdict.recorded, slot));
  if (verdict.kind === 'refused') return answer(world, { t: 'N', code: verdict.code, slot });
  if (late || world.board.running !== null) {
    const code = late ? 'EXPIRED' : 'BUSY';
    return answer({ ...world, board: reject(seen, slot, code) }, { t: 'E', slot, code });
  }
  const truth = world.truth.map(
    (one, other): Truth => (other === id ? { ...one, begun: one.begun + 1 } : one),
  );
  const begun = truth[id]!.begun;
  const told = world.told[id];
  const lie =
    told === 'refused' || told === 'expired' ? `command ${id} began after it was told as ${told}` : null;
  const wrong = begun > 1 ? `command ${id} ran ${begun} times` : lie;
  return { ...world, board: accept(seen, slot), running: id, truth, wrong: world.wrong ?? wrong };
}

function toldOf(what: ReturnType<typeof ask>): Told {
  if (what === 'NEVER' || what === 'FORGOT') return { kind: what };
  if (what === 'GAP' || what.kind === 'A') return { kind: 'FORGOT' };
  if (what.kind === 'E') return { kind: 'REJ', code: what.code };
  return what.code === 'OK' ? { kind: 'OK' } : { kind: 'PART', code: what.code };
}

function recorded(what: ReturnType<typeof ask>, slot: Slot): Up {
  if (what === 'NEVER') return { t: 'E', slot, code: 'NEVER' };
  if (what === 'FORGOT' || what === 'GAP') return { t: 'N', code: what, slot };
  return what.kind === 'A' ? { t: 'N', code: 'ACCEPTED', slot } : { t: what.kind, slot, code: what.code };
}
