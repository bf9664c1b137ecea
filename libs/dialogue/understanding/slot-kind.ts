import type { Validator } from '#dialogue/flows/validator';

/**
 * How values of a type are told from other words. `pattern`: by their look; `name`: any single word may be one, so that
 * its place in the sentence decides; `boolean`: yes or no; `text`: whatever is written.
 */
export type SlotKind = 'pattern' | 'name' | 'boolean' | 'text';

const anySentence = 'something that is written here, in many words of no special form';
const anyName = 'quagmire';

/** Found out by trying, so that a type that is registered later needs nothing here. An unknown type is read as text. */
export function slotKind(validator: Validator | undefined): SlotKind {
  if (validator === undefined || validator.validate(anySentence).ok) return 'text';
  if (validator.validate(anyName).ok) return 'name';
  return validator.validate('yes').ok && validator.validate('no').ok ? 'boolean' : 'pattern';
}
