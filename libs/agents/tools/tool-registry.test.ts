import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DuplicateToolError, UnsafeToolError } from '#agents/errors';
import { actionOf } from '#contract/approval';
import type { Tool } from './tool.ts';
import { createToolRegistry } from './tool-registry.ts';

const wipe: Tool<{ project: string }> = {
  name: 'wipe',
  description: 'Wipes a project',
  args: z.strictObject({ project: z.string().trim().min(1, 'is empty') }),
  risk: 'high',
  isRepeatable: false,
  timeoutMs: 1_000,
  run: async () => ({ text: 'ok' }),
};

describe('createToolRegistry', () => {
  const registry = createToolRegistry([wipe]);

  it('gives the action as the schema reads it, with the digest of just that', () => {
    const checked = registry.check('wipe', { project: ' Apollo ' });
    expect(checked).toMatchObject({ ok: true, action: actionOf('wipe', { project: 'Apollo' }) });
  });

  it.each([
    [{}, [{ argument: 'project', isMissing: true }]],
    [{ project: '' }, [{ argument: 'project', isMissing: false, message: 'is empty' }]],
    [{ project: 'x', all: true }, [{ argument: 'all', isMissing: false }]],
    ['Apollo', [{ argument: '' }]],
    [null, [{ argument: '' }]],
  ])('refuses %j and says which argument is wrong', (args, problems) => {
    expect(registry.check('wipe', args)).toMatchObject({ ok: false, reason: 'bad_arguments', problems });
  });

  it('keeps "__proto__" out of what is hashed and run', () => {
    const checked = registry.check('wipe', JSON.parse('{"project":"x","__proto__":{"a":1}}'));
    expect(checked).toMatchObject({ ok: true, action: actionOf('wipe', { project: 'x' }) });
    expect(checked.ok && Object.keys(checked.action.args)).toEqual(['project']);
  });

  it('knows no tool by the name of an inherited property', () => {
    expect(registry.check('constructor', {})).toEqual({ ok: false, reason: 'unknown_tool' });
  });

  it('describes the arguments as JSON Schema', () => {
    expect(registry.descriptions()).toMatchObject([
      { name: 'wipe', schema: { type: 'object', required: ['project'], additionalProperties: false } },
    ]);
  });

  it('refuses two tools of one name', () => {
    expect(() => createToolRegistry([wipe, wipe])).toThrow(DuplicateToolError);
  });

  it.each([
    ['of low risk', { risk: 'low' as const }],
    ['with several attempts', { attempts: 3 }],
  ])('refuses a tool %s that is not repeatable', (_, change) => {
    expect(() => createToolRegistry([{ ...wipe, ...change }])).toThrow(UnsafeToolError);
    expect(createToolRegistry([{ ...wipe, ...change, isRepeatable: true }]).names()).toEqual(['wipe']);
  });
});
