/**
 * `npm run build`: the bundle for the device, in dist/. Unbundled, the imports alone cost seconds and hundreds of
 * megabytes on a small board. Three packages stay outside, because they load compiled code from their own folders; the
 * storage worker is an entry of its own, because a thread starts from a file.
 *
 * The bundle knows that it is one by its own address: compose.ts starts the worker from `./worker.js` beside itself
 * when `import.meta.url` ends in .js, and from the source when it ends in .ts. No flag has to be passed.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** Packages with compiled code: they must stand in node_modules beside the bundle. */
export const NATIVE_PACKAGES = ['better-sqlite3', '@serialport/bindings-cpp', '@node-rs/argon2'] as const;

/** CommonJS packages inside an ES module still ask for these three words. */
const COMMONJS_WORDS = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

export interface BundleOptions {
  /** Name of each file without its ending, and the source it is made from. */
  readonly entries: Readonly<Record<string, string>>;
  readonly outFolder: string;
}

/** Bundles each entry into one file that runs on the pinned Node. */
export async function bundle({ entries, outFolder }: BundleOptions): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: { ...entries },
    outdir: outFolder,
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Not condensed by name: a stack trace from a device must be readable without its map.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'eof',
    external: [...NATIVE_PACKAGES],
    banner: { js: COMMONJS_WORDS },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** The gateway's own bundle. */
export const GATEWAY_ENTRIES = { main: 'src/main.ts', worker: 'src/storage/worker.ts' } as const;

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0).padStart(6)} kB`;

/** The size of each file and the packages that weigh most in it, one a line. */
export function sizeReport(metafile: Metafile): readonly string[] {
  return Object.entries(metafile.outputs)
    .filter(([path]) => path.endsWith('.js'))
    .flatMap(([path, { bytes, inputs }]) => {
      const byPackage = new Map<string, number>();
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'claw-gateway';
        byPackage.set(name, (byPackage.get(name) ?? 0) + bytesInOutput);
      }
      const heaviest = [...byPackage].sort(([, a], [, b]) => b - a).slice(0, 6);
      return [
        `${kilobytes(bytes)}  ${path}`,
        ...heaviest.map(([name, size]) => `${kilobytes(size)}    ${name}`),
      ];
    });
}

if (import.meta.main) {
  const outFolder = join(ROOT, 'dist');
  await rm(outFolder, { recursive: true, force: true });
  const metafile = await bundle({ entries: GATEWAY_ENTRIES, outFolder });
  console.log(sizeReport(metafile).join('\n'));
  console.log(`Outside of the bundle, from node_modules: ${NATIVE_PACKAGES.join(', ')}.`);
}
