/**
 * The prizes of the simulated machine: where they lie, how high, which one the claw meets, whether it holds and where it
 * slips. All chance comes from the seed in the state. Part of `mechanics.ts`.
 */
import { draw } from './random.ts';

/** The soft limits of the simulated board and the depth of its field, in mm. */
export const FIELD_MM = { x: 600, y: 400, z: 500 } as const;
/** The prize chute is the home corner. */
export const CHUTE_MM = { x: 60, y: 60 } as const;

const PRIZES = 40;
/** The claw meets a prize that lies within this distance of its middle. */
const TOUCH_MM = 35;
/** Beyond this distance the fingers close beside the prize. */
const REACH_MM = 45;
const HEIGHT_MM = { least: 40, most: 110 } as const;

export interface Prize {
  readonly xMm: number;
  readonly yMm: number;
  readonly heightMm: number;
}

export interface PrizeField {
  readonly prizes: readonly Prize[];
  readonly random: number;
}

/** A prize in the claw, and the height at which it will slip out; null when it is held well. */
export interface HeldPrize {
  readonly heightMm: number;
  readonly slipsAtZMm: number | null;
}

function drawPrize(random: number): { prize: Prize; random: number } {
  const x = draw(random);
  const y = draw(x.random);
  const height = draw(y.random);
  // Nothing lies in the chute or right at the walls.
  const xMm = Math.round(30 + x.value * (FIELD_MM.x - 60));
  const yMm = Math.round(30 + y.value * (FIELD_MM.y - 60));
  const inChute = xMm < CHUTE_MM.x + TOUCH_MM && yMm < CHUTE_MM.y + TOUCH_MM;
  const heightMm = Math.round(HEIGHT_MM.least + height.value * (HEIGHT_MM.most - HEIGHT_MM.least));
  return { prize: { xMm: inChute ? xMm + 100 : xMm, yMm, heightMm }, random: height.random };
}

/** A field of prizes from a seed. */
export function fieldFrom(seed: number): PrizeField {
  const prizes: Prize[] = [];
  let random = seed | 0;
  for (let count = 0; count < PRIZES; count += 1) {
    const drawn = drawPrize(random);
    prizes.push(drawn.prize);
    random = drawn.random;
  }
  return { prizes, random };
}

const distanceMm = (prize: Prize, xMm: number, yMm: number): number =>
  Math.hypot(prize.xMm - xMm, prize.yMm - yMm);

/** How far down the claw can go at a place before the string goes slack: to the highest prize there, or the floor. */
export function surfaceZMm(field: PrizeField, xMm: number, yMm: number): number {
  const heights = field.prizes
    .filter((prize) => distanceMm(prize, xMm, yMm) <= TOUCH_MM)
    .map((prize) => prize.heightMm);
  return FIELD_MM.z - Math.max(0, ...heights);
}

/**
 * The claw has closed at a place: which prize it took, if any. The nearer and the tighter, the surer; a prize taken by
 * a hair slips on the way up, at a height of chance.
 */
export function grab(
  field: PrizeField,
  at: { readonly xMm: number; readonly yMm: number; readonly zMm: number },
  gripPercent: number,
): { readonly field: PrizeField; readonly held: HeldPrize | null } {
  const within = field.prizes
    .filter((prize) => FIELD_MM.z - prize.heightMm <= at.zMm + 5)
    .map((prize) => ({ prize, distance: distanceMm(prize, at.xMm, at.yMm) }))
    .filter((candidate) => candidate.distance < REACH_MM)
    .sort((left, right) => left.distance - right.distance);
  const nearest = within[0];
  if (nearest === undefined) return { field, held: null };
  const strength = (gripPercent / 100) * (1 - (nearest.distance / REACH_MM) ** 2);
  const hold = draw(field.random);
  const height = draw(hold.random);
  const holds = hold.value < strength;
  // Even a weak grip lifts a little before it loses: that is how a machine looks when it slips.
  const slipsAtZMm = holds ? null : at.zMm * (0.2 + 0.75 * height.value);
  const prizes = field.prizes.filter((prize) => prize !== nearest.prize);
  const held = { heightMm: nearest.prize.heightMm, slipsAtZMm };
  return { field: { prizes, random: height.random }, held };
}

/** A prize comes to lie at a place. */
export function putDown(field: PrizeField, prize: Prize): PrizeField {
  return { ...field, prizes: [...field.prizes, prize] };
}

/** The attendant puts a new prize in for one that was won, so that a long run never empties the machine. */
export function refill(field: PrizeField): PrizeField {
  const drawn = drawPrize(field.random);
  return { prizes: [...field.prizes, drawn.prize], random: drawn.random };
}
