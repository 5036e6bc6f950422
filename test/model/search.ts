/** Walks every world that can be reached, nearest first, and stops at the first that is wrong, with the way to it. */
import { nextWorlds } from './moves.ts';
import { type Budget, newWorld, type Variant, type World } from './world.ts';

export interface Found {
  /** Worlds that differ. */
  readonly states: number;
  /** Null when all of them are right. */
  readonly wrong: string | null;
  /** The steps that lead there. */
  readonly trace: readonly string[];
}

interface Way {
  readonly world: World;
  readonly step: string;
  readonly from: Way | null;
}

/** 53 bits of a text: two worlds that share it are one chance in many thousand millions, and only hide, never invent. */
function fingerprint(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}

/** Searches within the budget, with all rules in force or one left out. */
export function search(budget: Budget, variant: Variant | null = null): Found {
  const seen = new Set<number>();
  let ring: Way[] = [{ world: newWorld(budget), step: 'start', from: null }];
  while (ring.length > 0) {
    const next: Way[] = [];
    for (const way of ring) {
      for (const [step, world] of nextWorlds(way.world, variant)) {
        const mark = fingerprint(JSON.stringify(world));
        if (seen.has(mark)) continue;
        seen.add(mark);
        const reached = { world, step, from: way };
        if (world.wrong !== null) return { states: seen.size, wrong: world.wrong, trace: traceOf(reached) };
        next.push(reached);
      }
    }
    ring = next;
  }
  return { states: seen.size, wrong: null, trace: [] };
}

function traceOf(way: Way): readonly string[] {
  const steps: string[] = [];
  for (let at: Way | null = way; at !== null; at = at.from) steps.unshift(at.step);
  return steps;
}
