/** The host of the small world: what it may do next, and what it makes of an answer, judged by the truth. */
import type { Slot } from '../../firmware-protocol/simulator/outcome-ring.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { outcomeOfEnding, outcomeOfRejection, outcomeOfTold } from '../../src/link/exchange.ts';
import {
  FRAMES_MAX,
  ONE_SESSION,
  type Open,
  sameSlot,
  say,
  spend,
  type Take,
  type Truth,
  type Up,
  type Variant,
  type World,
} from './world.ts';

function greet(world: World): World {
  const questions = [...world.questions, ...world.open];
  const asked = questions[0]?.slot ?? null;
  const n = world.left.hellos;
  const ended = {
    ...world,
    session: null,
    challenge: null,
    reserved: null,
    open: [],
    questions,
    nonce: n,
    asked,
  };
  return say({ ...ended, left: spend(world, 'hellos') }, { t: 'H', n, open: asked });
}

/** What the host may do now. */
export function hostSteps(world: World, variant: Variant | null, take: Take): void {
  const { left, session, open, reserved, questions, down } = world;
  const room = down.length < FRAMES_MAX;
  if (left.hellos > 0 && room) take('host: hello', greet(world));
  if (session !== null && reserved === null && open.length === 0 && left.commands > 0) {
    const id = world.truth.length;
    const slot = { session: variant === 'no-session' ? ONE_SESSION : session, seq: world.lastSeq + 1 };
    const log = [...world.log, { id, slot }];
    const truth: readonly Truth[] = [...world.truth, { begun: 0, end: 'none' }];
    take('host: intent', {
      ...world,
      reserved: { id, slot },
      log,
      truth,
      told: [...world.told, null],
      left: spend(world, 'commands'),
    });
  }
  if (reserved !== null && room) {
    const sent = { ...world, reserved: null, open: [reserved], lastSeq: reserved.slot.seq };
    take('host: send', say(sent, { t: 'C', ...reserved }));
  }
  if (open[0] !== undefined && room && left.repeats > 0)
    take('host: repeat', repeat(world, open[0], variant));
  if (session !== null && questions[0] !== undefined && room && left.repeats > 0) {
    const asking = { ...world, left: spend(world, 'repeats') };
    take('host: ask', say(asking, { t: 'Q', session, slot: questions[0].slot }));
  }
  if (left.crashes > 0) {
    const unknown = world.log.filter(({ id }) => world.told[id] === null);
    const fresh = {
      ...world,
      session: null,
      challenge: null,
      nonce: null,
      asked: null,
      reserved: null,
      open: [],
    };
    take('host: crash', { ...fresh, questions: unknown, lastSeq: 0, left: spend(world, 'crashes') });
  }
  if (left.escapes > 0 && room) {
    const stopped = {
      ...world,
      session: null,
      nonce: null,
      reserved: null,
      open: [],
      questions: [...questions, ...open],
    };
    take('host: ESC', say({ ...stopped, left: spend(world, 'escapes') }, { t: 'ESC' }));
  }
  if (session !== null && world.challenge !== null && room && left.repeats > 0) {
    const clearing = { ...world, left: spend(world, 'repeats') };
    take('host: clear', say(clearing, { t: 'Z', session, challenge: world.challenge }));
  }
}

function repeat(world: World, { id, slot }: Open, variant: Variant | null): World {
  const again = variant === 'fresh-seq' ? { ...slot, seq: world.lastSeq + 1 } : slot;
  const repeated = {
    ...world,
    open: [{ id, slot: again }],
    lastSeq: again.seq,
    left: spend(world, 'repeats'),
  };
  return say(repeated, { t: 'C', id, slot: again });
}

/** The host hears a frame. */
export function atHost(world: World, frame: Up, variant: Variant | null): World {
  switch (frame.t) {
    case 'W': {
      const fits = variant === 'no-nonce' ? world.nonce !== null : frame.n === world.nonce;
      if (!fits) return world;
      const heard = {
        ...world,
        session: frame.session,
        challenge: frame.challenge,
        lastSeq: 0,
        nonce: null,
        asked: null,
      };
      return world.asked === null || frame.told === null
        ? heard
        : tell(heard, world.asked, outcomeOfTold(frame.told));
    }
    case 'D':
      return tell(world, frame.slot, outcomeOfEnding(frame.code));
    case 'E':
      return tell(world, frame.slot, outcomeOfRejection(frame.code));
    case 'N':
      if (frame.code === 'FORGOT' && frame.slot !== null)
        return tell(world, frame.slot, { kind: 'unknown', code: 'forgotten_by_board' });
      if (frame.code === 'BADSESS' && frame.slot !== null && variant === 'badsess-is-final')
        return tell(world, frame.slot, { kind: 'refused', code: 'never_sent' });
      return world;
  }
}

/** The host settles what is open or asked under this slot, and is judged by the truth. */
function tell(world: World, slot: Slot, outcome: Outcome): World {
  const found = [...world.open, ...world.questions].filter((one) => sameSlot(one.slot, slot));
  if (found.length === 0) return world;
  let { told, wrong } = world;
  for (const { id } of found) {
    wrong ??= lieIn(outcome, world.truth[id]!, id);
    told = told.map((kind, other) => (other === id ? outcome.kind : kind));
  }
  const others = (list: readonly Open[]) => list.filter((one) => !sameSlot(one.slot, slot));
  return { ...world, told, wrong, open: others(world.open), questions: others(world.questions) };
}

function lieIn(outcome: Outcome, truth: Truth, id: number): string | null {
  const honest = {
    done: truth.end === 'whole',
    failed: truth.end === 'part',
    refused: truth.begun === 0,
    expired: truth.begun === 0,
    unknown: true,
  }[outcome.kind];
  return honest
    ? null
    : `command ${id} was told as ${outcome.kind}, but began ${truth.begun} times and ended ${truth.end}`;
}
