import type { Language } from './language.ts';

const anyKey = '[API_KEY-0000000000000000]';

/** The slot of a flow that takes the placeholder of a key that has become known; undefined where it has none. */
export function exposureSlot(flow: string, language: Language): string | undefined {
  return language
    .placesOf(flow)
    .find(({ validator, kind }) => kind === 'pattern' && validator?.validate(anyKey).ok === true)?.slot.name;
}
