/**
 * `npm run bench -- <name>`: measures, prints a table of ratios, and ends with 1 when a target is missed. A ratio
 * compares the gateway with a floor that was measured in the same run on the same machine; a bare number says little.
 */
import { type Measurement, table } from './bench/report.ts';

type Bench = () => Promise<readonly Measurement[]>;

/** Every bench by its name; loaded when asked for. */
const BENCHES: Readonly<Record<string, { readonly about: string; readonly load: () => Promise<Bench> }>> = {
  press: {
    about: 'POST strike to 202, start-up and memory, each against a floor',
    load: async () => (await import('./bench/press.ts')).press,
  },
};

const [name = '', ...rest] = process.argv.slice(2);
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench === undefined || rest.length > 0) {
  console.error('Usage: npm run bench -- <name>');
  for (const [known, { about }] of Object.entries(BENCHES)) console.error(`  ${known.padEnd(10)} ${about}`);
  process.exitCode = 2;
} else {
  const run = await bench.load();
  const measurements = await run();
  console.log(table(measurements));
  if (measurements.some(({ value, target }) => value > target)) process.exitCode = 1;
}
