import type { Validator } from '#dialogue/flows/validator';
import type { Playbook } from '#playbook/playbook';
import { slotKind } from './slot-kind.ts';

export interface Mask {
  /** Puts what stands for their kind in the place of values: "refund INV-1042" becomes "refund {invoice_id}". Of a long text only its beginning. */
  values(text: string): string;
  /** The same for an example, whose values are written as `{slot}`. */
  example(example: string, typeOf: (slot: string) => string | undefined): string;
}

/** Amounts of any kind are one to the eye: 500, 500 EUR. */
const counted = new Set(['money', 'number', 'duration']);
/** Readers of masked text look at its first words alone. */
const longestRead = 1_500;
const link = /\bhttps?:\/\/\S+/giu;

/** Different values are the same to a classifier, which has to know that there is one. */
export function createMask(
  { flows }: Pick<Playbook, 'flows'>,
  validators: ReadonlyMap<string, Validator>,
): Mask {
  const types = new Set(
    [...flows.values()].flatMap(({ slots }) => [...slots.values()].map(({ type }) => type)),
  );
  const finders = [...types].flatMap((type) => {
    const validator = validators.get(type);
    return validator !== undefined && slotKind(validator) === 'pattern' ? [validator] : [];
  });
  return {
    values: (text) => {
      let masked = text.slice(0, longestRead);
      const found = new Map<string, string>();
      for (const { name, find } of finders) {
        for (const value of find(masked)) if (!found.has(value)) found.set(value, maskOf(name));
      }
      found.delete('');
      // The longest first: "49 EUR" before "49".
      for (const [value, mask] of [...found].sort(([one], [other]) => other.length - one.length)) {
        masked = masked.replaceAll(value, ` ${mask} `);
      }
      return masked.replaceAll(link, ' {link} ');
    },
    example: (example, typeOf) =>
      example.replaceAll(/\{([a-z_0-9]+)\}/g, (_, slot: string) => {
        const type = typeOf(slot);
        const kind = slotKind(validators.get(type ?? ''));
        return kind === 'pattern' ? maskOf(type ?? '') : '{name}';
      }),
  };
}

function maskOf(type: string): string {
  return counted.has(type) ? '{number}' : `{${type}}`;
}
