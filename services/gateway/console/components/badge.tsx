import type { ComponentChildren } from 'preact';

export type Tone = 'neutral' | 'accent' | 'good' | 'warn' | 'bad';

/** A word or two about a state. The tone repeats what the words say, for those who see it. */
export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** A dot before a word, e.g. of what is alive. */
export function Dot({ tone = 'neutral', isPulsing = false }: { tone?: Tone; isPulsing?: boolean }) {
  return <span class={`dot ${tone} ${isPulsing ? 'pulsing' : ''}`} aria-hidden="true" />;
}
