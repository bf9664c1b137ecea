import { argLines } from '../canonical.ts';

interface DiffProps {
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** Two sets of arguments as canonical JSON, an argument a line: what goes, what comes, what stays. */
export function Diff({ before, after }: DiffProps) {
  const [old, own] = [new Map(argLines(before)), new Map(argLines(after))];
  const names = [...new Set([...old.keys(), ...own.keys()])].sort();
  const lines = names.flatMap((name) => {
    const [was, is] = [old.get(name), own.get(name)];
    if (was === is) return [{ sign: ' ', name, value: was ?? '' }];
    return [
      ...(was === undefined ? [] : [{ sign: '−', name, value: was }]),
      ...(is === undefined ? [] : [{ sign: '+', name, value: is }]),
    ];
  });
  const said = { '−': 'removed ', '+': 'added ', ' ': '' } as const;
  return (
    <section class="diff code" aria-label="What the edit changes">
      {lines.map(({ sign, name, value }) => (
        <div key={sign + name} class={sign === '+' ? 'added' : sign === '−' ? 'removed' : ''}>
          <span class="sign" aria-hidden="true">
            {sign}
          </span>
          <span class="visually-hidden">{said[sign as keyof typeof said]}</span>
          <span class="arg-name">{name}</span>: {value}
        </div>
      ))}
    </section>
  );
}
