import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const files = globSync('{libs,services}/**/*.lua', { cwd: root.pathname }).sort();

/** The comment lines on top, after the flags. */
function headerOf(source: string): string {
  const lines = source.split('\n').filter((line) => !line.startsWith('#!'));
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('--')),
    )
    .join('\n');
}

const quoted = /'(?:[^'\\\n]|\\.)*'/g;

/** The script without its whole-line comments. */
function statementsOf(source: string): string {
  return source
    .split('\n')
    .filter((line) => !/^(#!|\s*--)/.test(line))
    .join('\n');
}

describe('F42 every Lua script', () => {
  it('is found', () => {
    expect(files.length).toBeGreaterThan(10);
  });

  it.each(files)('%s says its KEYS, ARGV and what it returns', (file) => {
    const header = headerOf(readFileSync(new URL(file, root), 'utf8'));
    expect(header).toMatch(/^-- KEYS[:[]/m);
    expect(header).toMatch(/^-- ARGV[:[]/m);
    expect(header).toMatch(/^-- Returns\b/m);
  });

  it.each(files)('%s makes no key names of its own and leaves no globals behind', (file) => {
    const source = statementsOf(readFileSync(new URL(file, root), 'utf8'));
    const code = source.replace(quoted, "''");
    // A key name that is put together in Lua may lie in another slot: names come in KEYS, whole.
    expect(code).not.toMatch(/KEYS\[[^\]]*\]\s*\.\./);
    expect(code).not.toMatch(/\.\.\s*KEYS\[/);
    for (const [text] of source.matchAll(quoted)) expect(text).not.toContain('{');
    expect(source).not.toMatch(
      /redis\.p?call\(\s*'(KEYS|SCAN|RANDOMKEY|FLUSHALL|FLUSHDB|SELECT|EVAL|PUBLISH)'/i,
    );
    expect(code).not.toMatch(/^\s*(?!local\b)function\b/m);
  });

  it.each(files)('%s touches only keys that come from KEYS', (file) => {
    const source = readFileSync(new URL(file, root), 'utf8');
    const named = new Set(['KEYS']);
    // Names that hold a key: assigned from KEYS, or the parameter of a function that is called with one.
    for (const [, names = '', values = ''] of source.matchAll(/local ([\w, ]+) = (.*KEYS\[.*)/g)) {
      const own = values.split(/,(?![^([]*[)\]])/);
      for (const [index, name] of names.split(',').entries()) {
        if (/^\s*KEYS\[/.test(own[index] ?? '')) named.add(name.trim());
      }
    }
    for (let isGrowing = true; isGrowing; ) {
      const before = named.size;
      for (const [, called = '', given = ''] of source.matchAll(/\b(\w+)\((\w+)[[,)]/g)) {
        const parameter = new RegExp(`local function ${called}\\((\\w+)`).exec(source)?.[1];
        if (parameter !== undefined && named.has(given)) named.add(parameter);
      }
      isGrowing = named.size > before;
    }
    const keyless = new Set(['TIME']);
    const second = new Set(['XINFO', 'XGROUP']);
    for (const [, command = '', rest = ''] of source.matchAll(/redis\.p?call\('(\w+)'([^\n]*)/g)) {
      if (keyless.has(command)) continue;
      const args = rest.replace(/^,\s*/, '');
      const words = args.split(/[,\s[()]+/);
      const key =
        command === 'XREADGROUP'
          ? /'STREAMS', (\w+)/.exec(args)?.[1]
          : second.has(command)
            ? words[1]
            : words[0];
      expect([...named], `${command} of ${file}`).toContain(key);
    }
  });
});
