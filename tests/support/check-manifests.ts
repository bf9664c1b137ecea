import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { z } from 'zod';

/** A manifest of Kubernetes: the rest is checked against its kind's schema. */
export type Manifest = z.core.util.JSONType & { readonly apiVersion: string; readonly kind: string };

/** Where the types of an API group are. */
function moduleOf({ apiVersion }: Manifest): string {
  if (apiVersion.startsWith('keda.sh/')) return `@kubernetes-models/keda/${apiVersion}`;
  return `kubernetes-models/${apiVersion}`;
}

/**
 * What is wrong with manifests by the types of Kubernetes' own schemas: unknown fields, which servers drop without a
 * word, as well as missing and mistyped ones. The compiler tells them apart as it does in any object literal.
 */
export function checkManifests(manifests: readonly Manifest[]): string[] {
  const name = fileURLToPath(new URL('manifests-under-test.ts', import.meta.url));
  const source = manifests
    .map((one, index) => {
      const type = `import('${moduleOf(one)}').I${one.kind}`;
      return `export const manifest${index}: ${type} = ${JSON.stringify(one, null, 1)};`;
    })
    .join('\n');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (file) => file === name || fileExists.call(host, file);
  host.readFile = (file) => (file === name ? source : readFile.call(host, file));
  host.getSourceFile = (file, language, ...rest) =>
    file === name
      ? ts.createSourceFile(file, source, language)
      : getSourceFile.call(host, file, language, ...rest);
  const program = ts.createProgram([name], options, host);
  const file = program.getSourceFile(name);
  const found = [...program.getSemanticDiagnostics(file), ...program.getSyntacticDiagnostics(file)];
  return found.map(({ messageText, start }) => {
    const line = source.slice(0, start).split('\n').at(-1)?.trim();
    return `${ts.flattenDiagnosticMessageText(messageText, ' ')} (${line})`;
  });
}
