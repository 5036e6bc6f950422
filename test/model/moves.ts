/** Every step of the small world: what host and board may do, and what the line may do to a frame. */
import { atBoard, boardSteps } from './board-moves.ts';
import { atHost, hostSteps } from './host-moves.ts';
import { FRAMES_MAX, spend, type Take, type Variant, type World } from './world.ts';

/** Every step that may come next, with a name for the trace. */
export function nextWorlds(world: World, variant: Variant | null): readonly [string, World][] {
  const next: [string, World][] = [];
  hostSteps(world, variant, (name, after) => next.push([name, after]));
  lineSteps(world, variant, (name, after) => next.push([name, after]));
  boardSteps(world, (name, after) => next.push([name, after]));
  return next;
}

function lineSteps(world: World, variant: Variant | null, take: Take): void {
  const [down, ...restDown] = world.down;
  if (down !== undefined) {
    const heard = { ...world, down: restDown };
    if (world.left.losses > 0) take(`line: lose ${down.t}`, { ...heard, left: spend(world, 'losses') });
    if (world.up.length < FRAMES_MAX) {
      take(`board: ${down.t}`, atBoard(heard, down, variant, false));
      if (down.t === 'C') take('board: C, too late', atBoard(heard, down, variant, true));
      if (world.left.repeats > 0 && world.down.length < FRAMES_MAX)
        take(
          `board: ${down.t}, doubled`,
          atBoard({ ...world, left: spend(world, 'repeats') }, down, variant, false),
        );
    }
  }
  const [up, ...restUp] = world.up;
  if (up !== undefined) {
    const heard = { ...world, up: restUp };
    if (world.left.losses > 0) take(`line: lose ${up.t}`, { ...heard, left: spend(world, 'losses') });
    take(`host: ${up.t}`, atHost(heard, up, variant));
  }
}
