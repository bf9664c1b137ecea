import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderPage } from './render-page.ts';

/** A file of the console, under a name that changes with its content. */
export interface Asset {
  readonly name: string;
  readonly type: string;
  readonly body: Buffer;
}

export interface ConsoleBuild {
  readonly html: Buffer;
  /** The source of `script-src` that lets the page's one inline script run. */
  readonly inlineSource: string;
  readonly assets: readonly Asset[];
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/**
 * Bundles the browser's code from its sources, in memory. The bundler is loaded here, and its process ends with the build:
 * a gateway that runs holds neither.
 *
 * @throws what the bundler throws for sources that it cannot read.
 */
export async function buildConsole(): Promise<ConsoleBuild> {
  const { buildSync } = await import('esbuild');
  const main = fileURLToPath(new URL('../console/main.tsx', import.meta.url));
  const outdir = '/assets';
  const { outputFiles } = buildSync({
    entryPoints: [main],
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    assetNames: '[name]-[hash]',
    outdir,
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    sourcemap: false,
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
  const assets = outputFiles.map(({ path, contents }): Asset => {
    const name = basename(path);
    const type = types[name.slice(name.lastIndexOf('.'))] ?? 'application/octet-stream';
    return { name, type, body: Buffer.from(contents) };
  });
  const isEntry = ({ name }: Asset): boolean => name.startsWith('main-');
  const styles = assets.filter(({ name }) => name.endsWith('.css'));
  const script = assets.find((asset) => isEntry(asset) && asset.name.endsWith('.js'));
  if (script === undefined) throw new Error('The bundle of the console has no entry');
  const { html, inline } = renderPage({
    script: `${outdir}/${script.name}`,
    // The frame's styles first: those of single pages, which the bundler keeps apart, build on them.
    styles: styles
      .toSorted((a, b) => Number(isEntry(b)) - Number(isEntry(a)))
      .map(({ name }) => `${outdir}/${name}`),
  });
  return { html: Buffer.from(html), inlineSource: sourceOf(inline), assets };
}

function sourceOf(inlineScript: string): string {
  return `'sha256-${createHash('sha256').update(inlineScript).digest('base64')}'`;
}
