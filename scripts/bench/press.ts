/**
 * What one press of the button costs: POST strike to 202 with sign-in, validation and the durable intent, against a
 * bare Express handler that commits one row and writes one line. Both are processes of their own on ptys of one kind,
 * write to one disk, and take turns press by press, so that what disturbs the machine disturbs both.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, bundleGateway } from '../build.ts';
import { startFloor } from './floor.ts';
import { startGateway } from './gateway.ts';
import { type Measurement, ratio } from './report.ts';
import { timeStarts } from './startup.ts';
import type { PressTarget } from './target.ts';

const WARM_UP_PRESSES = 100;
const PRESSES = 1200;
const RATIO_TARGET = 1.5;
const START_RATIO_TARGET = 3;
const RESIDENT_MEGABYTES_TARGET = 130;

const ROOT = join(import.meta.dirname, '..', '..');

async function pressInTurns(
  floor: PressTarget,
  subject: PressTarget,
): Promise<{ readonly floorMs: readonly number[]; readonly subjectMs: readonly number[] }> {
  const floorMs: number[] = [];
  const subjectMs: number[] = [];
  for (let round = 0; round < WARM_UP_PRESSES + PRESSES; round += 1) {
    // Who goes first changes, because the second finds a machine that is awake.
    const turns = [
      async () => floorMs.push(await floor.press()),
      async () => subjectMs.push(await subject.press()),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  return { floorMs: floorMs.slice(WARM_UP_PRESSES), subjectMs: subjectMs.slice(WARM_UP_PRESSES) };
}

/** Runs the bench; its files stand in var/, on the disk of the project, and are removed. */
export async function press(): Promise<readonly Measurement[]> {
  await mkdir(join(ROOT, 'var'), { recursive: true });
  const folder = await mkdtemp(join(ROOT, 'var', 'bench-press-'));
  const targets: PressTarget[] = [];
  try {
    const outFolder = join(folder, 'dist');
    await bundleGateway(outFolder);
    await bundle({ entries: { hello: 'scripts/bench/hello-server.ts' }, outFolder });
    const mainFile = join(outFolder, 'main.js');
    const starts = await timeStarts(folder, mainFile, join(outFolder, 'hello.js'));
    const floor = await startFloor(folder);
    targets.push(floor);
    const subject = await startGateway(folder, mainFile);
    targets.push(subject);
    const samples = await pressInTurns(floor, subject);
    const resident = subject.residentMegabytes();
    return [
      ratio(`POST strike to 202, p50 of ${PRESSES}`, 0.5, samples, RATIO_TARGET),
      ratio(`POST strike to 202, p99 of ${PRESSES}`, 0.99, samples, RATIO_TARGET),
      ratio(`start to first answer, median of ${starts.floorMs.length}`, 0.5, starts, START_RATIO_TARGET),
      {
        what: `resident memory after ${WARM_UP_PRESSES + PRESSES} strikes`,
        from: `${resident.toFixed(0)} MB / ${floor.residentMegabytes().toFixed(0)} MB`,
        value: resident,
        target: RESIDENT_MEGABYTES_TARGET,
        unit: 'MB',
      },
    ];
  } finally {
    await Promise.allSettled(targets.map((target) => target.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}
