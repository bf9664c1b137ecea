export type SwitchScope = 'all' | 'room' | 'agent' | 'tool';

/** What switching something off, or on again, does to people: read before it is confirmed. */
export function effectOfSwitch(scope: SwitchScope, name: string, off: boolean): string {
  return off ? effectOfOff(scope, name) : effectOfOn(scope, name);
}

function effectOfOff(scope: SwitchScope, name: string): string {
  switch (scope) {
    case 'all':
      return 'Within a second no message in any room is answered. Who writes is told so, at most once an hour. What was written meanwhile is not answered later.';
    case 'room':
      return `Within a second no message in ${name} is answered. Who writes there is told so, at most once an hour. What was written meanwhile is not answered later.`;
    case 'agent':
      return `Within a second ${name} takes no more work. What it would have answered goes to a person.`;
    case 'tool':
      return `Within a second ${name} runs for nobody, also not where a reviewer has approved it. Whoever needs it is told that it is switched off.`;
    default:
      return scope satisfies never;
  }
}

function effectOfOn(scope: SwitchScope, name: string): string {
  switch (scope) {
    case 'all':
      return 'Messages are answered again. What is switched off by itself stays off.';
    case 'room':
      return `Messages in ${name} are answered again.`;
    case 'agent':
      return `${name} takes work again.`;
    case 'tool':
      return `${name} may run again, as its policy says.`;
    default:
      return scope satisfies never;
  }
}

/** How the thing is called in a sentence. */
export function switchName(scope: SwitchScope, name: string): string {
  return scope === 'all' ? 'everything' : `${scope} ${name}`;
}
