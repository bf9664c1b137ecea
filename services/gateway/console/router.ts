import { computed, signal } from '@preact/signals';

/** The address behind `#/`, split at its slashes and decoded: `#/inbox/7K3` is `['inbox', '7K3']`. */
const address = signal(location.hash);
addEventListener('hashchange', () => {
  address.value = location.hash;
});

export const path = computed<readonly string[]>(() =>
  address.value.replace(/^#\/?/, '').split('/').filter(Boolean).map(decode),
);

/** The address of a page, for links: `hrefOf('conversations', session)`. */
export function hrefOf(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

export function navigate(...parts: readonly string[]): void {
  location.hash = hrefOf(...parts);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Written by hand; shown as it is.
    return part;
  }
}
